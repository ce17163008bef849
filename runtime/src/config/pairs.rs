//! Lists of `key=value` with percent-encoding, as W3C Baggage writes them.

/// Reads `key1=value1,key2=value2`; the first `=` of a pair counts. One mistake makes the whole list bad.
pub(super) fn parse(text: &str) -> Result<Vec<(String, String)>, String> {
    super::values::items(text).map(pair).collect()
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("a pair without `=`")?;
    let (key, value) = (decode(key.trim())?, decode(value.trim())?);
    if key.is_empty() {
        return Err("a pair without a key".to_owned());
    }
    Ok((key, value))
}

fn decode(text: &str) -> Result<String, String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digits = bytes.next().zip(bytes.next());
                let byte = digits.and_then(|(high, low)| Some(digit(high)? << 4 | digit(low)?));
                byte.ok_or("a `%` without two hexadecimal digits")?
            }
            byte => byte,
        });
    }
    String::from_utf8(decoded).map_err(|_| "percent-encoded bytes that are not UTF-8".to_owned())
}

fn digit(byte: u8) -> Option<u8> {
    u8::try_from(char::from(byte).to_digit(16)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String)>, String> {
        parse(text)
    }

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn pairs_are_decoded() {
        for (text, pairs) in [
            ("", &[][..]),
            ("a=b", &[("a", "b")]),
            (" a = b , c=d ,", &[("a", "b"), ("c", "d")]),
            ("a=", &[("a", "")]),
            ("a=b=c==", &[("a", "b=c==")]),
            ("a%2Cb=c%3Dd%2ce", &[("a,b", "c=d,e")]),
            ("name=%C3%BCber%20all", &[("name", "über all")]),
            ("a=%25", &[("a", "%")]),
            ("a=ü", &[("a", "ü")]),
        ] {
            assert_eq!(read(text), Ok(owned(pairs)), "{text}");
        }
    }

    #[test]
    fn one_mistake_makes_the_list_bad() {
        for (text, problem) in [
            ("a=b,c", "a pair without `=`"),
            ("=b", "a pair without a key"),
            ("a=%", "a `%` without two hexadecimal digits"),
            ("a=%4", "a `%` without two hexadecimal digits"),
            ("a=%zz", "a `%` without two hexadecimal digits"),
            ("a=%+1", "a `%` without two hexadecimal digits"),
            ("a=%FF", "percent-encoded bytes that are not UTF-8"),
        ] {
            assert_eq!(read(text), Err(problem.to_owned()), "{text}");
        }
    }
}
