//! Values that somebody made up to do harm, or that a script got wrong.

use super::*;

/// Pieces that mean something somewhere, in any order.
fn hostile(random: &mut u64) -> String {
    const PIECES: [&str; 32] = [
        "otlp",
        "console",
        ",",
        "=",
        "%",
        "%4",
        "%zz",
        "%C3",
        "://",
        "http",
        "https://",
        "[",
        "]",
        "[slow>",
        "::",
        ":",
        "@",
        "/",
        "?",
        "0",
        "-1",
        "99999999999999999999",
        "\u{0}",
        "\r\n",
        "ü",
        "😀",
        " ",
        "MiB",
        "off",
        ">",
        "é%",
        "true",
    ];
    let mut next = || {
        *random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(*random >> 40).unwrap()
    };
    (0..next() % 9).map(|_| PIECES[next() % PIECES.len()]).collect()
}

#[test]
fn hostile_values_are_told_at_most_once_and_on_one_line() {
    let mut random = 7;
    for _ in 0..200 {
        for row in TABLE {
            let text = hostile(&mut random);
            let config = config(&[(row.variable, &text)]);
            let said: Vec<_> = config.warnings.iter().map(ToString::to_string).collect();
            assert!(said.len() <= 1, "{}={text:?}: {said:?}", row.variable);
            assert!(said.iter().all(|line| !line.contains(char::is_control)), "{said:?}");
            let shown = found(&config, row.what);
            // Of a list, what is good in it is used; a cap that is not understood is the strictest.
            let is_whole = !text.contains(',') && row.variable != "TRACED_REDACT";
            if !said.is_empty() && !row.good.is_empty() && is_whole {
                assert_eq!(shown.value, row.default, "{}={text:?}: {said:?}", row.variable);
            }
        }
    }
}
