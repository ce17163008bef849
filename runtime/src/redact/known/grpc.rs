//! `tonic`.

use crate::redact::{Failure, Fields, Redact};
use crate::value::Value;

/// The code of the answer, never its message.
impl Redact for tonic::Status {
    fn redact(&self, out: &mut Fields<'_>) {
        out.field("code", Value::I64((self.code() as i32).into()));
    }

    fn describe(&self, out: &mut Failure<'_>) {
        use tonic::Code as C;
        out.fact(match self.code() {
            C::Ok => "grpc:Ok",
            C::Cancelled => "grpc:Cancelled",
            C::Unknown => "grpc:Unknown",
            C::InvalidArgument => "grpc:InvalidArgument",
            C::DeadlineExceeded => "grpc:DeadlineExceeded",
            C::NotFound => "grpc:NotFound",
            C::AlreadyExists => "grpc:AlreadyExists",
            C::PermissionDenied => "grpc:PermissionDenied",
            C::ResourceExhausted => "grpc:ResourceExhausted",
            C::FailedPrecondition => "grpc:FailedPrecondition",
            C::Aborted => "grpc:Aborted",
            C::OutOfRange => "grpc:OutOfRange",
            C::Unimplemented => "grpc:Unimplemented",
            C::Internal => "grpc:Internal",
            C::Unavailable => "grpc:Unavailable",
            C::DataLoss => "grpc:DataLoss",
            C::Unauthenticated => "grpc:Unauthenticated",
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::failure::Facts;

    #[test]
    fn of_a_grpc_status_the_code_and_not_the_message() {
        let status = tonic::Status::permission_denied("hunter2");
        assert_eq!(Facts::of(&status).variant, Some("PermissionDenied"));
        let boxed: Box<dyn std::error::Error + Send + Sync> = status.into();
        assert_eq!(
            Facts::of(&boxed).variant,
            Some("PermissionDenied"),
            "also where it is in a box"
        );
    }
}
