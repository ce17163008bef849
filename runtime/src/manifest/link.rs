//! The link section in which places and types leave their descriptions: whatever is linked into a program is in it,
//! also what is never called.
#![allow(unsafe_code)]

use super::Entry;

/// One entry of the section; the macros write a static of this type beside each place and each type.
pub type Link = &'static Entry;

/// One of our own, so that the section is never missing.
#[used]
#[cfg_attr(
    any(target_os = "linux", target_os = "android", target_os = "freebsd"),
    unsafe(link_section = "traced_manifest")
)]
#[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,traced_mnfst"))]
static OURS: Link = &Entry::ours();

/// All entries that were linked, in no order; none where the linker is not one that we know.
pub(super) fn all() -> &'static [Link] {
    #[cfg(any(
        target_os = "linux",
        target_os = "android",
        target_os = "freebsd",
        target_vendor = "apple"
    ))]
    {
        unsafe extern "C" {
            #[cfg_attr(not(target_vendor = "apple"), link_name = "__start_traced_manifest")]
            #[cfg_attr(
                target_vendor = "apple",
                link_name = "\u{1}section$start$__DATA$traced_mnfst"
            )]
            static START: [usize; 0];
            #[cfg_attr(not(target_vendor = "apple"), link_name = "__stop_traced_manifest")]
            #[cfg_attr(target_vendor = "apple", link_name = "\u{1}section$end$__DATA$traced_mnfst")]
            static STOP: [usize; 0];
        }
        let (start, stop) = ((&raw const START).cast::<Link>(), (&raw const STOP).cast::<Link>());
        let count = (stop as usize - start as usize) / size_of::<Link>();
        // SAFETY: the linker defines both symbols, because the section holds at least `OURS`: its first byte, and
        // the byte behind its last. Nothing but statics of type `Link` is put there, by this file and by the macros
        // of the same version, each of the size and alignment of a pointer, so that the linker pads nothing between
        // them. They are never written to.
        unsafe { std::slice::from_raw_parts(start, count) }
    }
    #[cfg(not(any(
        target_os = "linux",
        target_os = "android",
        target_os = "freebsd",
        target_vendor = "apple"
    )))]
    {
        let _ = &OURS;
        &[]
    }
}
