//! What the crates under `integrations` may name. They are released together with this one; for anybody else it
//! changes without notice.

pub use crate::callsite::{About, Callsite, Level, Name, SpanKind};
pub use crate::context::Parentage as Parent;
pub use crate::exchange::{Exchange, Next, fail, is_recording, say};
pub use crate::value::Value;
