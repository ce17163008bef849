//! Whether the kernel itself keeps time by the counter. It knows more than `CPUID` says: it watches the
//! counters of all cores, and turns to another clock when they disagree.

/// Asks the kernel; costs one small file, and no allocation.
#[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), target_os = "linux", not(miri)))]
pub(super) fn counter_is_trusted() -> bool {
    let mut name = [0; 32];
    kernel_clocksource(&mut name).is_some_and(is_counter)
}

/// On Apple's processors the system's own clock is the counter, always.
#[cfg(not(all(
    any(target_arch = "x86_64", target_arch = "aarch64"),
    target_os = "linux",
    not(miri)
)))]
pub(super) fn counter_is_trusted() -> bool {
    cfg!(all(target_arch = "aarch64", target_os = "macos", not(miri)))
}

/// None in a sandbox without `/sys`, and then nothing is known in the counter's favour.
#[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), target_os = "linux", not(miri)))]
fn kernel_clocksource(name: &mut [u8]) -> Option<&[u8]> {
    use std::io::Read;
    const CURRENT: &str = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    let length = std::fs::File::open(CURRENT).ok()?.read(name).ok()?;
    Some(name[..length].trim_ascii())
}

#[cfg(all(target_arch = "x86_64", target_os = "linux", not(miri)))]
fn is_counter(clocksource: &[u8]) -> bool {
    match clocksource {
        b"tsc" => true,
        b"kvm-clock" => super::tsc::is_stable_under_kvm(),
        _ => false,
    }
}

#[cfg(all(target_arch = "aarch64", target_os = "linux", not(miri)))]
fn is_counter(clocksource: &[u8]) -> bool {
    clocksource == b"arch_sys_counter"
}

#[cfg(all(test, target_arch = "x86_64", target_os = "linux", not(miri)))]
mod tests {
    use super::*;

    #[test]
    fn only_the_kernels_word_makes_a_counter_trusted() {
        assert!(is_counter(b"tsc"));
        for other in [&b"hpet"[..], b"acpi_pm", b"hyperv_clocksource_tsc_page", b"tsc-early", b""] {
            assert!(!is_counter(other));
        }
    }

    #[test]
    fn a_long_name_is_cut_and_not_trusted() {
        let mut name = [0; 2];
        assert!(kernel_clocksource(&mut name).is_none_or(|cut| cut.len() <= 2 && !is_counter(cut)));
    }
}
