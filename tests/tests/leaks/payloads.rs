//! Texts to try.

/// Of every script, without letters, with what other formats mean something by, short, and very long.
pub(crate) fn payloads() -> Vec<String> {
    let mut all: Vec<String> = [
        "correct horse battery staple",
        "!#$%&()*+,-./:;<=>?@[]^_`{|}~",
        "\u{1f980}\u{1f511}\u{1f469}\u{200d}\u{1f4bb}\u{1f980}\u{1f511}\u{1f469}\u{200d}\u{1f4bb}",
        "e\u{301}a\u{308}o\u{302}u\u{303}e\u{301}a\u{308}o\u{302}u\u{303}",
        "\u{5e1}\u{5d5}\u{5d3} \u{633}\u{631}\u{64a}\u{202e}abc",
        "before\0after\0\0",
        "\"},{\"key\":\"x\" '; DROP TABLE users;-- ?a=b&c=%2F#d",
        "true",
        "false",
        "4242424242424242",
        "123456789",
        "jane.doe@example.org",
    ]
    .map(String::from)
    .into();
    all.extend((1..=13).map(|length| "Zq7!Wj3?Xv5%K"[..length].to_owned()));
    all.push("q7!Wj3?Xv5%KpY".repeat((1 << 20) / 14));
    all
}
