//! The processor's own counter, where user code may read it.
#![allow(unsafe_code, reason = "reading a counter register takes an intrinsic or an instruction")]

use super::Source;

/// What this target's counter is called.
#[cfg(target_arch = "x86_64")]
pub(super) const NATIVE: Source = Source::Tsc;
#[cfg(target_arch = "aarch64")]
pub(super) const NATIVE: Source = Source::Counter;

/// The counter; never zero: it was that when the machine was switched on, before anybody could look.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) fn read() -> u64 {
    // SAFETY: `_rdtsc` touches no memory and asks for no target feature beyond x86_64 itself: every such
    // processor has the instruction. Where a process forbade it to itself (`PR_SET_TSC`), it raises a
    // signal like any trap; it does so too in `Instant::now`, which runs it in the vDSO.
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// The counter; never zero.
#[cfg(target_arch = "aarch64")]
#[inline(always)]
pub(super) fn read() -> u64 {
    let count: u64;
    // SAFETY: the instruction reads one register into another and has no other effect, as the options
    // say. Linux and macOS let user code read `cntvct_el0`: their own clocks in the vDSO and the commpage do;
    // where Linux traps it because of an erratum, it emulates it.
    unsafe {
        core::arch::asm!("mrs {}, cntvct_el0", out(reg) count, options(nomem, nostack, preserves_flags));
    }
    // At 24 MHz the lowest bit is worth too much to be given away.
    count.max(1)
}

/// Whether KVM promises that the counters of all virtual processors agree: its feature
/// `CLOCKSOURCE_STABLE_BIT`. The kernel prefers `kvm-clock` on many such machines all the same.
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub(super) fn is_stable_under_kvm() -> bool {
    const HYPERVISOR_PRESENT: u32 = 1 << 31;
    const CLOCKSOURCE_STABLE: u32 = 1 << 24;
    // KVM moves up by 0x100 when it also poses as Hyper-V.
    const KVM_LEAVES: [u32; 2] = [0x4000_0000, 0x4000_0100];

    cpuid(1).ecx & HYPERVISOR_PRESENT != 0
        && KVM_LEAVES
            .into_iter()
            .find(|&leaf| is_kvm(&cpuid(leaf)))
            .is_some_and(|leaf| cpuid(leaf + 1).eax & CLOCKSOURCE_STABLE != 0)
}

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
fn is_kvm(signature: &core::arch::x86_64::CpuidResult) -> bool {
    [signature.ebx, signature.ecx, signature.edx]
        == [*b"KVMK", *b"VMKV", *b"M\0\0\0"].map(u32::from_le_bytes)
}

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
fn cpuid(leaf: u32) -> core::arch::x86_64::CpuidResult {
    // SAFETY: every x86_64 processor has CPUID, and answers any leaf, unknown ones with arbitrary numbers.
    // Newer compilers know this, and call the function safe.
    #[allow(unused_unsafe, reason = "it is unsafe up to our oldest supported compiler and beyond")]
    unsafe {
        core::arch::x86_64::__cpuid(leaf)
    }
}
