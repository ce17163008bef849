//! `sqlx`.

use super::follow;
use crate::redact::{Failure, Fields, Redact};
use crate::value::Value;
use sqlx::error::{DatabaseError, ErrorKind};

/// Which of the ways to fail it is, and of what the database refused the kind of constraint and the code; never the
/// message, which has the row in it, nor names of tables and constraints.
impl Redact for sqlx::Error {
    fn redact(&self, out: &mut Fields<'_>) {
        let code = self.as_database_error().and_then(DatabaseError::code);
        if let Some(code) = code.as_deref().filter(|code| is_code(code)) {
            out.field("code", Value::Text(code));
        }
    }

    fn describe(&self, out: &mut Failure<'_>) {
        out.fact(fact(self));
        follow(self, out);
    }
}

/// An SQLSTATE, or the number that stands for one: five letters and digits at most, which is no room for text.
fn is_code(code: &str) -> bool {
    (1..=5).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn fact(error: &sqlx::Error) -> &'static str {
    use sqlx::Error as E;
    match error {
        E::Configuration(_) => "sqlx:Configuration",
        E::Database(refused) => match refused.kind() {
            ErrorKind::UniqueViolation => "sqlx:UniqueViolation",
            ErrorKind::ForeignKeyViolation => "sqlx:ForeignKeyViolation",
            ErrorKind::NotNullViolation => "sqlx:NotNullViolation",
            ErrorKind::CheckViolation => "sqlx:CheckViolation",
            _ => "sqlx:Database",
        },
        E::Io(_) => "sqlx:Io",
        E::Tls(_) => "sqlx:Tls",
        E::Protocol(_) => "sqlx:Protocol",
        E::RowNotFound => "sqlx:RowNotFound",
        E::TypeNotFound { .. } => "sqlx:TypeNotFound",
        E::ColumnIndexOutOfBounds { .. } => "sqlx:ColumnIndexOutOfBounds",
        E::ColumnNotFound(_) => "sqlx:ColumnNotFound",
        E::ColumnDecode { .. } => "sqlx:ColumnDecode",
        E::Encode(_) => "sqlx:Encode",
        E::Decode(_) => "sqlx:Decode",
        E::AnyDriverError(_) => "sqlx:AnyDriver",
        E::PoolTimedOut => "sqlx:PoolTimedOut",
        E::PoolClosed => "sqlx:PoolClosed",
        E::WorkerCrashed => "sqlx:WorkerCrashed",
        _ => "sqlx:Other",
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::failure::{Facts, Message};
    use super::*;
    use crate::redact::debugged;
    use std::borrow::Cow;
    use std::error::Error;
    use std::fmt;

    #[derive(Debug)]
    struct Refused(&'static str);

    impl fmt::Display for Refused {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("duplicate key value: (email)=(hunter2@example.org)")
        }
    }

    impl Error for Refused {}

    impl DatabaseError for Refused {
        fn message(&self) -> &'static str {
            "duplicate key value: (email)=(hunter2@example.org)"
        }

        fn code(&self) -> Option<Cow<'_, str>> {
            Some(self.0.into())
        }

        fn constraint(&self) -> Option<&str> {
            Some("hunter2_key")
        }

        fn table(&self) -> Option<&str> {
            Some("hunter2")
        }

        fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
            self
        }

        fn kind(&self) -> ErrorKind {
            ErrorKind::UniqueViolation
        }
    }

    /// Variant, chain, message and fields.
    fn told(error: &dyn Redact) -> String {
        let facts = Facts::of(error);
        let variant = facts.variant.unwrap_or_default();
        format!(
            "{variant} {:?} {} {}",
            facts.chain.labels(),
            Message(error),
            debugged("Error", error)
        )
    }

    #[test]
    fn of_a_database_the_constraint_and_the_code_and_not_the_row() {
        let error = sqlx::Error::from(Refused("23505"));
        assert!(error.to_string().contains("hunter2"));
        assert_eq!(told(&error), "UniqueViolation []  Error { code: \"23505\", .. }");
        let boxed: Box<dyn Error + Send + Sync> = error.into();
        assert!(told(&boxed).starts_with("UniqueViolation"), "also where it is in a box");
    }

    #[test]
    fn a_code_that_is_none_is_left_out() {
        for code in ["", "hunter2", "(a)=b", "\u{e9}"] {
            assert_eq!(told(&sqlx::Error::from(Refused(code))), "UniqueViolation []  Error { .. }");
        }
    }

    #[test]
    fn of_the_others_which_they_are_and_what_caused_them() {
        assert_eq!(told(&sqlx::Error::RowNotFound), "RowNotFound []  Error { .. }");
        assert_eq!(told(&sqlx::Error::Protocol("hunter2".into())), "Protocol []  Error { .. }");
        let reset = std::io::Error::new(std::io::ErrorKind::ConnectionReset, "hunter2");
        let found = told(&sqlx::Error::Io(reset));
        assert_eq!(found, "Io [\"io:ConnectionReset\"]  Error { .. }");
        let index = "hunter2".to_owned();
        let decode = sqlx::Error::ColumnDecode { index, source: Box::new(Refused("1")) };
        assert_eq!(told(&decode), "ColumnDecode []  Error { .. }");
    }
}
