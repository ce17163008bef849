//! The walk through a body: sections become guards, and what cannot be one is refused.

use super::{attribute, promise};
use crate::model::{InlineKind, Name};
use crate::names::{self, generated};
use crate::report::Report;
use crate::{analyze, expand};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Block, Expr, Item, Macro, Meta, Path, Stmt};

pub(super) struct Rewrite<'a> {
    pub(super) crate_path: Option<&'a Path>,
    pub(super) report: &'a Report,
}

impl VisitMut for Rewrite<'_> {
    fn visit_block_mut(&mut self, block: &mut Block) {
        let last = block.stmts.len().saturating_sub(1);
        let statements = std::mem::take(&mut block.stmts);
        for (at, statement) in statements.into_iter().enumerate() {
            self.statement(statement, at == last, &mut block.stmts);
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Some(span) = attribute::on_operand(expr) {
            let message = "a section here would time the first operand alone; put parentheses around what it should time";
            self.report.error(span, message);
        }
        let section = attribute::attrs_of(expr).and_then(attribute::take);
        match expr {
            Expr::Async(inside) => self.refuse_in(&inside.block, "an `async` block"),
            Expr::Closure(inside) => self.refuse_in(&inside.body, "a closure"),
            Expr::Verbatim(tokens) => self.refuse_in(tokens, "what cannot be parsed"),
            _ => visit_mut::visit_expr_mut(self, expr),
        }
        if let Some(section) = section {
            let timed = match &*expr {
                // In a block they would be needless.
                Expr::Paren(parentheses) => parentheses.expr.to_token_stream(),
                expr => expr.to_token_stream(),
            };
            *expr = Expr::Verbatim(self.enclosed(&section, &timed));
        }
    }

    fn visit_macro_mut(&mut self, mac: &mut Macro) {
        self.refuse_in(&mac.tokens, "the input of a macro");
    }

    /// Everything else that an attribute may stand on.
    fn visit_attribute_mut(&mut self, attribute: &mut Attribute) {
        if attribute::is_section(attribute) {
            let message = "a section times a statement, a block or an expression; put a block here, and the section in front of it";
            self.report.error(attribute.path().span(), message);
        }
    }

    /// Functions inside of the function are none of ours.
    fn visit_item_mut(&mut self, _: &mut Item) {}
}

impl Rewrite<'_> {
    /// A body that ends with a future, whose own body is one of ours too.
    pub(super) fn around(&mut self, block: &mut Block, promised: usize) {
        let mut last = block.stmts.split_off(promised);
        self.visit_block_mut(block);
        if let Some(Stmt::Expr(last, None)) = last.first_mut() {
            if let Some(inside) = promise(last) {
                self.visit_block_mut(inside);
            }
        }
        block.stmts.append(&mut last);
    }

    fn statement(&mut self, mut statement: Stmt, is_last: bool, into: &mut Vec<Stmt>) {
        let section = match &mut statement {
            Stmt::Local(local) => attribute::take(&mut local.attrs),
            Stmt::Macro(call) => attribute::take(&mut call.attrs),
            Stmt::Expr(expr, _) => attribute::take_leftmost(expr),
            Stmt::Item(_) => None,
        };
        self.visit_stmt_mut(&mut statement);
        let Some(section) = section else { return into.push(statement) };
        let is_value = is_last && matches!(statement, Stmt::Expr(_, None));
        match statement {
            // What a macro expands to may bind something, unless it is the value of the block.
            Stmt::Macro(call) if is_last && call.semi_token.is_none() => {
                into.push(verbatim(self.enclosed(&section, &call.into_token_stream())));
            }
            Stmt::Local(_) | Stmt::Macro(_) => {
                into.push(verbatim(self.open(&section)));
                into.push(statement);
                into.push(verbatim(close()));
            }
            statement if is_value => {
                into.push(verbatim(self.enclosed(&section, &statement.into_token_stream())));
            }
            statement => {
                let semicolon = match &statement {
                    Stmt::Expr(_, None) => Some(generated! { ; }),
                    _ => None,
                };
                let statement = statement.into_token_stream();
                into.push(verbatim(self.enclosed(&section, &generated! { #statement #semicolon })));
            }
        }
    }

    /// `{ let section = …; timed }`. The edition of the braces is the user's, because it decides when
    /// temporaries drop.
    fn enclosed(&self, section: &Attribute, timed: &TokenStream) -> TokenStream {
        let open = self.open(section);
        let braces = section.pound_token.span();
        quote_spanned! { braces => { #open #timed } }
    }

    fn open(&self, section: &Attribute) -> TokenStream {
        let options = match &section.meta {
            Meta::List(list) if !list.tokens.is_empty() => list.tokens.clone(),
            meta => {
                let message = "a section needs a name, as in `#[section(\"load\")]`";
                self.report.error(meta.span(), message);
                return TokenStream::new();
            }
        };
        let mut inline = analyze::inline::parse(InlineKind::Section, options, self.report);
        inline.crate_path = inline.crate_path.or_else(|| self.crate_path.cloned());
        if let Name::Literal(name) = &mut inline.callsite.name {
            if name.value().is_empty() {
                self.report.error(name.span(), "the name of a section is not empty");
            }
        }
        let (guard, section) = (names::section(), expand::inline(&inline));
        generated! { let #guard = #section; }
    }

    /// There the guard would not be the function's.
    fn refuse_in(&self, tokens: &impl ToTokens, what: &str) {
        if let Some(span) = attribute::first(&tokens.to_token_stream()) {
            let message = format!(
                "`#[section]` does not reach into {what}; there, write `let _section = traced::section!(\"name\");`"
            );
            self.report.error(span, message);
        }
    }
}

fn close() -> TokenStream {
    let guard = names::section();
    generated! {
        #[allow(unreachable_code)]
        ::core::mem::drop(#guard);
    }
}

fn verbatim(tokens: TokenStream) -> Stmt {
    Stmt::Expr(Expr::Verbatim(tokens), None)
}
