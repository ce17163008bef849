//! HMAC-SHA256. A class has a key of its own, derived from the embedder's by the name of the class and
//! prepared once: a hash of a short value is two rounds of SHA-256.

use super::{ClassId, KeyError, Text};
use crate::sync::OnceLock;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

type Keyed = Hmac<Sha256>;

struct Key {
    /// What tells hashes under one key from those under another; says nothing about the key.
    id: [u8; 4],
    /// The keys of classes by their numbers.
    classes: Box<[OnceLock<Keyed>]>,
    keyed: Keyed,
}

static KEY: OnceLock<Key> = OnceLock::new();

const MIN_KEY: usize = 16;
/// No class is called like this, because their names have no NUL.
const ID_LABEL: &[u8] = b"\0traced key id";

/// The key for `#[redact(hash)]`, of at least 16 random bytes. It is set once, at start: before, and without
/// one, the marker is told in place of hashes.
pub fn set_key(key: &[u8]) -> Result<(), KeyError> {
    if key.len() < MIN_KEY {
        return Err(KeyError::TooShort);
    }
    let keyed = Keyed::new_from_slice(key).map_err(|_| KeyError::TooShort)?;
    let key = Key {
        id: first_bytes(&digest(&keyed, ID_LABEL)),
        classes: (0..=ClassId::OVERFLOW.index()).map(|_| OnceLock::new()).collect(),
        keyed,
    };
    KEY.set(key).map_err(|_| KeyError::SetAlready)
}

pub(super) fn hash(class: ClassId, bytes: &[u8]) -> Option<Text> {
    let key = KEY.get()?;
    if class == ClassId::OVERFLOW {
        return None;
    }
    let keyed = key.classes.get(class.index())?.get_or_init(|| derive(&key.keyed, class.name()));
    Some(Text::new(key.id, first_bytes(&digest(keyed, bytes))))
}

/// The key of a class.
fn derive(key: &Keyed, class: &str) -> Keyed {
    let derived = digest(key, class.as_bytes());
    // Keys of every length are accepted by HMAC.
    Keyed::new_from_slice(&derived).unwrap_or_else(|_| key.clone())
}

fn digest(key: &Keyed, bytes: &[u8]) -> [u8; 32] {
    let mut mac = key.clone();
    mac.update(bytes);
    mac.finalize().into_bytes().into()
}

fn first_bytes<const N: usize>(bytes: &[u8; 32]) -> [u8; N] {
    std::array::from_fn(|position| bytes[position])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        let mut digits = vec![0; 2 * bytes.len()];
        crate::redact::hash::write_hex(bytes, &mut digits);
        String::from_utf8(digits).unwrap()
    }

    /// The test cases of RFC 4231, section 4.
    #[test]
    fn vectors_of_rfc_4231() {
        let cases: [(Vec<u8>, Vec<u8>, &str); 6] = [
            (
                vec![0x0b; 20],
                b"Hi There".to_vec(),
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe".to_vec(),
                b"what do ya want for nothing?".to_vec(),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                vec![0xaa; 20],
                vec![0xdd; 50],
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            ),
            (
                (1..=25).collect(),
                vec![0xcd; 50],
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
            ),
            (
                vec![0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First".to_vec(),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
            (
                vec![0xaa; 131],
                b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.".to_vec(),
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
            ),
        ];
        for (key, data, expected) in cases {
            let keyed = Keyed::new_from_slice(&key).unwrap();
            assert_eq!(hex(&digest(&keyed, &data)), expected);
        }
    }

    #[test]
    fn classes_are_separate() {
        let key = Keyed::new_from_slice(&[7; 32]).unwrap();
        let of = |class| digest(&derive(&key, class), b"value");
        assert_eq!(of("pii.email"), of("pii.email"));
        assert_ne!(of("pii.email"), of("pii.phone"));
        assert_ne!(of(""), digest(&key, b"value"));
    }

    #[test]
    fn a_short_key_is_refused() {
        assert_eq!(set_key(&[1; 15]), Err(KeyError::TooShort));
    }
}
