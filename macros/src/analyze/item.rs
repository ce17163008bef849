//! What `#[traced]` stands on: a function, or a block of items.

use crate::model::{Block, BlockKind, Item, Member};
use crate::report::here;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, ImplItem, Signature, Token, TraitItem, Visibility};

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        match block_kind(input)? {
            Some(kind) => block(input, kind).map(Self::Block),
            None => input.parse().map(Self::Function),
        }
    }
}

/// What kind of block begins here, behind attributes and visibility.
fn block_kind(input: ParseStream<'_>) -> syn::Result<Option<BlockKind>> {
    let ahead = input.fork();
    ahead.call(Attribute::parse_outer)?;
    ahead.parse::<Visibility>()?;
    ahead.parse::<Option<Token![default]>>()?;
    ahead.parse::<Option<Token![unsafe]>>()?;
    ahead.parse::<Option<Token![auto]>>()?;
    Ok(if ahead.peek(Token![impl]) {
        Some(BlockKind::Impl)
    } else if ahead.peek(Token![trait]) {
        Some(BlockKind::Trait)
    } else if ahead.peek(Token![mod]) {
        Some(BlockKind::Mod)
    } else {
        None
    })
}

fn block(input: ParseStream<'_>, kind: BlockKind) -> syn::Result<Block> {
    let attrs = input.call(Attribute::parse_outer)?;
    let (header, braces) = header(input, kind)?;
    let (inner, members) = (|content: ParseStream<'_>| {
        let inner = content.call(Attribute::parse_inner)?;
        let mut members = Vec::new();
        while !content.is_empty() {
            members.push(member(content, kind)?);
        }
        Ok((inner, members))
    })
    .parse2(braces.stream())?;
    Ok(Block { kind, attrs, header, inner, members, span: braces.span() })
}

/// Everything up to the braces, and the braces. Braces of a constant in `Type<{ N }>` are none of those.
fn header(input: ParseStream<'_>, kind: BlockKind) -> syn::Result<(TokenStream, Group)> {
    let mut header = Vec::new();
    loop {
        if input.peek(Token![;]) {
            let message = "the module is in another file, which `#[traced]` cannot see; put `#[traced]` on what is \
                           inside of it";
            return Err(here(input, message));
        }
        match input.parse::<TokenTree>()? {
            TokenTree::Group(group)
                if group.delimiter() == Delimiter::Brace && !is_constant(&header, kind) =>
            {
                return Ok((header.into_iter().collect(), group));
            }
            token => header.push(token),
        }
    }
}

fn is_constant(header: &[TokenTree], kind: BlockKind) -> bool {
    let follows = |last: &TokenTree| matches!(last, TokenTree::Punct(punct) if matches!(punct.as_char(), '<' | ',' | '='));
    kind != BlockKind::Mod && header.last().is_some_and(follows)
}

fn member(input: ParseStream<'_>, kind: BlockKind) -> syn::Result<Member> {
    if let Some(kind) = block_kind(input)?.filter(|_| kind == BlockKind::Mod) {
        let ahead = input.fork();
        if let Ok(block) = block(&ahead, kind) {
            input.advance_to(&ahead);
            return Ok(Member::Block(block));
        }
    }
    let ahead = input.fork();
    if is_function_with_body(&ahead)? {
        return input.parse().map(Member::Function);
    }
    Ok(Member::Other(match kind {
        BlockKind::Impl => input.parse::<ImplItem>()?.into_token_stream(),
        BlockKind::Trait => input.parse::<TraitItem>()?.into_token_stream(),
        BlockKind::Mod => input.parse::<syn::Item>()?.into_token_stream(),
    }))
}

fn is_function_with_body(ahead: ParseStream<'_>) -> syn::Result<bool> {
    ahead.call(Attribute::parse_outer)?;
    ahead.parse::<Visibility>()?;
    ahead.parse::<Option<Token![default]>>()?;
    let is_signature = ahead.parse::<Signature>().is_ok();
    Ok(is_signature && !ahead.peek(Token![;]) && !ahead.is_empty())
}
