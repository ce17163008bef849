//! `#[section("name")]` on statements, blocks and expressions inside of a traced function.
//!
//! Only a body that has one is parsed; every other one is re-emitted as it was written. A section opens a
//! guard in front of what it stands on and drops it behind: of a `let` beside the statement, so that its
//! bindings stay where they are; of everything else in a block of its own.

mod attribute;
mod rewrite;

pub(crate) use attribute::strip;

use crate::report::Report;
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::visit_mut::VisitMut;
use syn::{Block, Expr, Path, Stmt};

/// The body with its sections; `None` where it has none, or is nothing that can be parsed.
pub(crate) fn expand(
    body: &TokenStream,
    crate_path: Option<&Path>,
    report: &Report,
) -> Option<TokenStream> {
    if !attribute::is_anywhere(body) {
        return None;
    }
    // What the compiler will say about it is better than what we could.
    let mut block: Block = syn::parse2(body.clone()).ok()?;
    let mut rewrite = rewrite::Rewrite { crate_path, report };
    match promised(&mut block) {
        Some(promised) => rewrite.around(&mut block, promised),
        None => rewrite.visit_block_mut(&mut block),
    }
    Some(block.into_token_stream())
}

/// Whether the body gives back a future that it writes down at its end.
fn promised(block: &mut Block) -> Option<usize> {
    let at = block.stmts.len().checked_sub(1)?;
    let Stmt::Expr(last, None) = block.stmts.last_mut()? else { return None };
    promise(last).map(|_| at)
}

/// `async { … }`, also in `Box::pin(…)`: it is inside of the function's span.
fn promise(expr: &mut Expr) -> Option<&mut Block> {
    match expr {
        Expr::Async(promised) => Some(&mut promised.block),
        Expr::Call(call) => {
            let Expr::Path(function) = &*call.func else { return None };
            let is_pin = function.path.segments.last().is_some_and(|last| last.ident == "pin");
            if is_pin && call.args.len() == 1 { promise(call.args.first_mut()?) } else { None }
        }
        _ => None,
    }
}
