//! What the crates under `integrations` may name. They are released together with this one; for anybody else it
//! changes without notice.

pub use crate::bridge::{Bridged, Inside, is_off};
pub use crate::callsite::{About, Callsite, Level, Name, SpanKind, is_anybody_listening};
pub use crate::context::Parentage as Parent;
pub use crate::exchange::{
    Asking, Begun, Draw, Exchange, FirstVisit, Opened, Prepared, Visit, fail, is_recording,
    may_name_caller, say,
};
pub use crate::note::event_all as happened;
pub use crate::sampling::left_out::TARGET;
pub use crate::told::told;
pub use crate::value::Value;
pub use traced_macros::__secret_names as secret_names;
