//! The manifest for people who keep a record of processing activities.

use super::Row;
use std::fmt::Write as _;

/// The rows as a table of Markdown.
pub fn markdown(rows: &[Row]) -> String {
    let mut table = String::from(
        "| where | value | type | what is told | class | reason |\n|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let Row { place, key, ty, action, class, reason, .. } = row;
        let said = if row.implicit { " (nobody said so)" } else { "" };
        let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
        let _ = writeln!(
            table,
            "| {} | {} | {} | {}{said} | {} | {} |",
            cell(place),
            cell(key),
            cell(&code(ty)),
            cell(action),
            cell(class),
            cell(reason)
        );
    }
    table
}

fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{text}`") }
}
