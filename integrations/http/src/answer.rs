//! What an answer says about its span.

use crate::Side;
use crate::grpc::Status;
use crate::keys::{answer as key, rpc_answer as rpc_key};
use crate::places::Place;
use http::{Response, StatusCode, Version};
use traced::__integration::{Value, fail, is_recording, say};

/// The version of the protocol as it is told.
pub(crate) fn version(version: Version) -> Value<'static> {
    match version {
        Version::HTTP_09 => Value::Literal("0.9"),
        Version::HTTP_10 => Value::Literal("1.0"),
        Version::HTTP_11 => Value::Literal("1.1"),
        Version::HTTP_2 => Value::Literal("2"),
        Version::HTTP_3 => Value::Literal("3"),
        _ => Value::LeftOut,
    }
}

/// An answer over HTTP.
pub(crate) fn http<B>(place: &'static Place, response: &Response<B>) {
    if !is_recording() {
        return;
    }
    let status = response.status();
    let is_error = match place.side {
        Side::Server => status.is_server_error(),
        Side::Client => status.is_server_error() || status.is_client_error(),
    };
    let mut error = Value::LeftOut;
    if is_error {
        error = Value::Text(status.as_str());
        fail();
    }
    let values = [Value::U64(status.as_u16().into()), error, version(response.version())];
    const { assert!(key::STATUS == 0 && key::ERROR == 1 && key::VERSION == 2) };
    let values = match place.side {
        // It is known by the request.
        Side::Server => &values[..key::VERSION],
        Side::Client => &values[..],
    };
    place.listed.with_answer(values, response.headers(), |values| say(&place.answer, values));
}

/// The status of a gRPC call.
pub(crate) fn rpc(place: &'static Place, status: Status) {
    let mut values = [Value::LeftOut; rpc_key::ALL.len()];
    values[rpc_key::STATUS] = Value::Literal(status.name());
    values[rpc_key::OLD_STATUS] = Value::U64(status.code().into());
    if status.is_error(place.side) {
        values[rpc_key::ERROR] = Value::Literal(status.name());
        fail();
    }
    say(&place.answer, &values);
}

/// A gRPC call that something answered which does not speak gRPC.
pub(crate) fn no_rpc(place: &'static Place, status: StatusCode) {
    let mut values = [Value::LeftOut; rpc_key::ALL.len()];
    values[rpc_key::HTTP_STATUS] = Value::U64(status.as_u16().into());
    if place.side == Side::Client || status.is_server_error() {
        values[rpc_key::ERROR] = Value::Text(status.as_str());
        fail();
    }
    say(&place.answer, &values);
}

/// No answer, or no more of it.
pub(crate) fn broken(place: &'static Place, error_type: &'static str) {
    const { assert!(key::ERROR == rpc_key::ERROR) };
    fail();
    say(&place.answer, &[Value::LeftOut, Value::Literal(error_type)]);
}
