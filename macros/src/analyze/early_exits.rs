//! `return` and `?` that lead to the end of the body, not out of the function: where a closure cannot be put around
//! the body, because it would be the caller that `Location::caller` sees.

use super::body::{is_transparent, leaves_early};
use crate::names::{self, Runtime, generated};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprBreak, ExprReturn, ExprTry, Item, Macro, Path, Token, Type};

/// The body with its early exits redirected; `None` where something may leave it that nobody can see, in a macro.
pub(super) fn redirect(
    body: &TokenStream,
    returned: &Type,
    crate_path: Option<&Path>,
) -> Option<TokenStream> {
    let first = body.clone().into_iter().next()?;
    let mut block: Block = syn::parse2(body.clone()).ok()?;
    let mut redirect = Redirect {
        braces: first.span(),
        returned,
        runtime: Runtime::new(crate_path.cloned()),
        is_understood: true,
    };
    redirect.visit_block_mut(&mut block);
    redirect.is_understood.then(|| block.into_token_stream())
}

struct Redirect<'a> {
    /// Where the label is that the body will have.
    braces: Span,
    /// What the function returns.
    returned: &'a Type,
    runtime: Runtime,
    is_understood: bool,
}

impl VisitMut for Redirect<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            // What leaves these does not leave the function.
            Expr::Closure(_) | Expr::Async(_) | Expr::Const(_) => return,
            Expr::TryBlock(_) => {
                self.is_understood = false;
                return;
            }
            Expr::Verbatim(tokens) => self.is_understood &= !leaves_early(tokens),
            _ => visit_mut::visit_expr_mut(self, expr),
        }
        match expr {
            Expr::Return(exit) => *expr = Expr::Break(self.end(exit)),
            Expr::Try(question) => *expr = Expr::Verbatim(self.question(question)),
            _ => {}
        }
    }

    fn visit_macro_mut(&mut self, mac: &mut Macro) {
        let name = mac.path.segments.last().map(|last| &last.ident);
        let is_known = name.is_some_and(is_transparent);
        self.is_understood &= is_known && !leaves_early(&mac.tokens);
    }

    /// Functions inside of the function end by themselves.
    fn visit_item_mut(&mut self, _: &mut Item) {}
}

impl Redirect<'_> {
    /// `return value` becomes `break '__traced_body value`.
    fn end(&self, exit: &ExprReturn) -> ExprBreak {
        ExprBreak {
            attrs: exit.attrs.clone(),
            break_token: Token![break](exit.return_token.span()),
            label: Some(names::body(self.braces)),
            expr: exit.expr.clone(),
        }
    }

    /// What the compiler makes of `value?`.
    ///
    /// The operator itself stands in code that nobody runs, so that it is the compiler that says what is wrong with it;
    /// ours takes whatever comes.
    fn question(&self, question: &ExprTry) -> TokenStream {
        let ExprTry { attrs, expr, question_token, .. } = question;
        let span = Span::mixed_site().located_at(question_token.span());
        let (runtime, returned) = (&self.runtime, self.returned);
        let (value, label) = (names::value(), names::body(self.braces));
        // In front of the user's operator stands what is the user's as well, or the compiler would not know where it is.
        let asked = names::asked(expr.span());
        let went_on = Ident::new(&value.to_string(), Span::mixed_site().located_at(expr.span()));
        let exit = quote_spanned! { span =>
            break #label #runtime::Leaving::<#returned, _>::with(#value).value()
        };
        generated! {
            #(#attrs)*
            match #expr {
                #value => {
                    if false {
                        let #asked = #value;
                        break #label #runtime::call_once(move || -> #returned {
                            let _ = #asked #question_token;
                            loop {}
                        });
                    }
                    use #runtime::by_question::*;
                    match #runtime::Question(#value).branch() {
                        ::core::ops::ControlFlow::Continue(#value) => #went_on,
                        ::core::ops::ControlFlow::Break(#value) => #exit,
                    }
                }
            }
        }
    }
}
