//! Names under which a number is left out, because it is likely to be a secret or about a person.
//!
//! `docs/privacy.md` holds the same list, for people.

/// Words of a name; a name sounds secret if one of its words, or two in a row, is here.
pub(crate) const WORDS: &[&str] = &[
    "accountno",
    "accountnumber",
    "apikey",
    "bic",
    "birth",
    "birthdate",
    "birthday",
    "birthyear",
    "card",
    "cardno",
    "cardnumber",
    "credential",
    "credentials",
    "creditcard",
    "csc",
    "cvc",
    "cvv",
    "dob",
    "fax",
    "fingerprint",
    "geo",
    "gps",
    "iban",
    "imei",
    "imsi",
    "income",
    "lat",
    "latitude",
    "lng",
    "lon",
    "longitude",
    "mfa",
    "msisdn",
    "nin",
    "nino",
    "otp",
    "pan",
    "passcode",
    "passphrase",
    "passport",
    "passwd",
    "password",
    "patient",
    "phone",
    "phoneno",
    "phonenumber",
    "pin",
    "postalcode",
    "postcode",
    "privatekey",
    "pwd",
    "routingnumber",
    "salary",
    "salt",
    "secret",
    "secretkey",
    "seed",
    "sortcode",
    "ssn",
    "taxid",
    "tel",
    "telephone",
    "tin",
    "token",
    "totp",
    "verificationcode",
    "zip",
    "zipcode",
];

/// Whether a number under this key is left out. Dots, underscores and capitals part words; digits say nothing.
pub(crate) fn sounds_secret(key: &str) -> bool {
    let words = words(key);
    let is_listed = |word: &str| WORDS.contains(&word);
    let pairs = words.windows(2).map(<[String]>::concat);
    words.iter().any(|word| is_listed(word)) || pairs.into_iter().any(|pair| is_listed(&pair))
}

fn words(key: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in key.chars() {
        let begins = !c.is_alphabetic() || c.is_uppercase() && was_lower;
        if begins {
            words.push(String::new());
        }
        if c.is_alphabetic() {
            let word = words.len() - 1;
            words[word].extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

// What stands above is also emitted.

/// The code of this file, so that there is one list.
pub(crate) fn code() -> proc_macro2::TokenStream {
    let file = include_str!("secret_names.rs");
    let end = file.find("// What stands above is also emitted").unwrap_or(file.len());
    let lines = file[..end].lines().filter(|line| !line.starts_with("//!"));
    lines.collect::<Vec<_>>().join("\n").parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_names_of_every_style() {
        for name in [
            "otp",
            "pin",
            "user_pin",
            "cardNumber",
            "card.cvv",
            "PHONE",
            "lat",
            "tax_id",
            "otp2",
            "sort_code",
        ] {
            assert!(sounds_secret(name), "{name}");
        }
    }

    #[test]
    fn people_read_the_same_list() {
        let page = include_str!("../../../docs/privacy.md");
        let list = page.split("a test compares them. -->").nth(1).unwrap();
        let list = list.split("## ").next().unwrap();
        let words: Vec<_> = list.split('`').skip(1).step_by(2).collect();
        assert_eq!(words, WORDS);
    }

    #[test]
    fn parts_of_words_say_nothing() {
        for name in [
            "order",
            "count",
            "spinner",
            "latency",
            "pinned",
            "discard",
            "flat",
            "opinion",
            "checks",
            "status_code",
            "tokens",
            "retries_key",
        ] {
            assert!(!sounds_secret(name), "{name}");
        }
    }
}
