//! What may be told of a value, as it is written: on a field, a variant, a type, an argument, a value.
//!
//! [`attribute`] reads one attribute, the same everywhere; [`decision`] is what it says. `#[derive(Redact)]` goes
//! the way of all macros here: [`analyze`] decides, [`expand`] prints, and any mistake is told beside the others.

mod analyze;
pub(crate) mod attribute;
pub(crate) mod decision;
mod derive;
mod expand;
mod message;
mod model;
pub(crate) mod secret_names;
mod template;

pub(crate) use derive::{public, redact, safe_debug};
