//! What is enough of a request to know that nobody will see its span.

use crate::grpc;
use http::{HeaderMap, Method};
use traced::__integration::{Draw, Exchange, may_name_caller};

/// What of a request is enough to leave it out.
#[derive(Clone, Copy, Debug)]
pub struct Head<'r> {
    /// Its method.
    pub method: &'r Method,
    /// Its headers.
    pub headers: &'r HeaderMap,
}

impl Head<'_> {
    /// The span of a request of nobody known, if it is not recorded; then nobody will want to know what the answer says.
    #[inline(never)]
    pub(crate) fn left_out(self) -> Result<Exchange, Draw> {
        // The answer proves a method of gRPC, whether anybody records it or not.
        let may_be = Exchange::may_be_left_out()
            && !may_name_caller(self.headers)
            && !grpc::is_request(self.method, self.headers);
        if may_be { Exchange::left_out() } else { Err(Draw::NONE) }
    }
}
