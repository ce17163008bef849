//! `serde_json`.

use crate::redact::{Failure, Fields, Redact};
use crate::value::Value;

/// The category of the mistake and where it is, never what is there.
impl Redact for serde_json::Error {
    fn redact(&self, out: &mut Fields<'_>) {
        out.field("line", Value::U64(self.line() as u64));
        out.field("column", Value::U64(self.column() as u64));
    }

    fn describe(&self, out: &mut Failure<'_>) {
        use serde_json::error::Category;
        out.fact(match self.classify() {
            Category::Io => "json:Io",
            Category::Syntax => "json:Syntax",
            Category::Data => "json:Data",
            Category::Eof => "json:Eof",
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::failure::Facts;

    #[test]
    fn of_json_the_category() {
        let error = serde_json::from_str::<u8>("\"hunter2\"").expect_err("no number");
        assert_eq!(Facts::of(&error).variant, Some("Data"));
    }
}
