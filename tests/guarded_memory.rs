//! Where prepared keys live: what the kernel says of their pages, what a forked child can do with
//! them, and what is left in memory when they are gone. Linux only; one test at a time, since all
//! of it is about the whole process.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, MutexGuard};
use tinywindow::config::Config;
use tinywindow::signing::{Context, HEADER_SIZE, Signer, Suite, Verifier, keygen, public_key};
use tinywindow::{Error, MemoryLock, set_memory_policy};

fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Mappings that are locked (`lo`), out of dumps (`dd`) and wiped on fork (`wf`).
fn guarded_mappings() -> usize {
    let smaps = std::fs::read_to_string("/proc/self/smaps").unwrap();
    let flags = smaps.lines().filter_map(|line| line.strip_prefix("VmFlags: "));
    let is_guarded = |flags: &str| {
        let flags = flags.split_whitespace().collect::<Vec<_>>();
        ["rd", "wr", "lo", "dd", "wf"].iter().all(|flag| flags.contains(flag))
    };
    flags.filter(|flags| is_guarded(flags)).count()
}

#[test]
fn each_secret_has_locked_pages_of_its_own_and_gives_them_back() {
    let _alone = alone();
    let before = guarded_mappings();
    let (hmac, ed25519) = (keygen(Suite::HmacSha256, 1), keygen(Suite::Ed25519, 1));
    let signers = [Signer::new(&hmac).unwrap(), Signer::new(&ed25519).unwrap()];
    let verifier = Verifier::new(&hmac).unwrap();
    assert_eq!(guarded_mappings(), before + 3);
    // A public key is no secret.
    let public = Verifier::new(&public_key(&ed25519).unwrap()).unwrap();
    assert_eq!(guarded_mappings(), before + 3);
    drop((signers, verifier, public));
    assert_eq!(guarded_mappings(), before);
}

#[test]
fn the_memory_policy_decides_when_pages_cannot_be_locked() {
    let _alone = alone();
    let key = keygen(Suite::HmacSha256, 1);
    let outcome = in_child(|| {
        allow_no_locked_memory();
        let required = Signer::new(&key).map(drop);
        set_memory_policy(MemoryLock::Preferred);
        let preferred = Signer::new(&key).and_then(|key| key.sign(Context::Payload, b"x"));
        required == Err(Error::Memory) && preferred.is_ok()
    });
    assert!(outcome);
}

/// What can be locked says nothing about a configuration.
#[test]
fn a_configuration_is_checked_without_locked_memory() {
    let _alone = alone();
    let file = std::env::temp_dir().join(format!("tinywindow-key-{}", std::process::id()));
    std::fs::write(&file, keygen(Suite::HmacSha256, 1)).unwrap();
    let text = format!(
        "gateway.memory_lock='preferred'\njournal.kind='memory'\nvenue.kind='paper'\n\
         sessions=[{{id=1,keys=['{}']}}]",
        file.display()
    );
    let outcome = in_child(|| {
        allow_no_locked_memory();
        Config::check(&text).is_ok() && tinywindow::Gateway::open(&text).is_ok()
    });
    std::fs::remove_file(&file).unwrap();
    assert!(outcome);
}

/// For the rest of this child's life.
fn allow_no_locked_memory() {
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: lowers this child's own limit and drops the right to ignore it.
    unsafe {
        libc::setrlimit(libc::RLIMIT_MEMLOCK, &none);
        libc::setuid(65534);
    }
}

#[test]
fn a_forked_child_needs_handles_of_its_own() {
    let _alone = alone();
    for &suite in Suite::ALL {
        let key = keygen(suite, 1);
        let other_half = public_key(&key).unwrap_or_else(|_| key.to_vec());
        let signer = Signer::new(&key).unwrap();
        let verifier = Verifier::new(&other_half).unwrap();
        let signature = signer.sign(Context::Order, b"x").unwrap();
        let signs = |signer: &Signer| signer.sign(Context::Order, b"x").map(|made| made.to_vec());
        let verifies = |verifier: &Verifier| verifier.verify(Context::Order, b"x", &signature);

        let is_refused =
            || signs(&signer) == Err(Error::Forked) && verifies(&verifier) == Err(Error::Forked);
        assert!(in_child(|| {
            let own = Signer::new(&key).unwrap();
            let own_verifier = Verifier::new(&other_half).unwrap();
            let works = signs(&own) == Ok(signature.to_vec()) && verifies(&own_verifier) == Ok(());
            // Handles of its own do not revive the parent's, and a grandchild starts again.
            let grandchild_refused = in_child(|| {
                let fresh = Signer::new(&key).unwrap();
                signs(&own) == Err(Error::Forked) && is_refused() && signs(&fresh).is_ok()
            });
            works && is_refused() && grandchild_refused
        }));
        assert_eq!(signs(&signer), Ok(signature.to_vec()));
        assert_eq!(verifies(&verifier), Ok(()));
    }
}

#[test]
fn a_forked_child_drops_what_it_inherited() {
    let _alone = alone();
    let signers = Suite::ALL.iter().map(|&suite| Signer::new(&keygen(suite, 1)).unwrap());
    let mut signers = Some(signers.collect::<Vec<_>>());
    assert!(in_child(|| {
        drop(signers.take());
        guarded_mappings() == 0
    }));
    assert!(signers.unwrap()[0].sign(Context::Payload, b"x").is_ok());
}

/// Looks for what was derived from the key in all of this process's memory. What to look for is
/// computed in a child and comes masked through a pipe, so that the test itself never holds it.
#[test]
fn nothing_of_a_secret_stays_in_memory() {
    let _alone = alone();
    for &suite in Suite::ALL {
        let needles = masked_needles(suite);
        let signer = Signer::new(&keygen(suite, 77)).unwrap();
        signer.sign(Context::Payload, b"x").unwrap();
        signer.sign(Context::Custom(b"app"), &[0; 2000]).unwrap();
        let in_use = needles.iter().filter(|needle| occurs(needle)).count();
        assert_eq!(in_use, needles.len() - 1, "{suite:?}: all but the key bytes are in use");
        drop(signer);
        for (i, needle) in needles.iter().enumerate() {
            assert!(!occurs(needle), "{suite:?}: needle {i} is still there");
        }
    }
}

const MASK: u8 = 0x5a;

/// The key's material, and the halves of what its prepared form consists of.
fn masked_needles(suite: Suite) -> Vec<[u8; 32]> {
    let bytes = from_child(|| {
        let key = keygen(suite, 77);
        let material: [u8; 32] = key[HEADER_SIZE..].try_into().unwrap();
        let derived = match suite {
            Suite::HmacSha256 => [0x36, 0x5c].map(|pad| hmac_state(&material, pad)),
            _ => ed25519_scalar_and_prefix(&material),
        };
        let needles = [[material], [derived[0]], [derived[1]]].concat().concat();
        needles.iter().map(|byte| byte ^ MASK).collect()
    });
    bytes.chunks_exact(32).map(|needle| needle.try_into().unwrap()).collect()
}

/// SHA-256's state after the padded key, as it lies in memory.
fn hmac_state(material: &[u8; 32], pad: u8) -> [u8; 32] {
    let mut block = [pad; 64];
    block.iter_mut().zip(material).for_each(|(byte, key)| *byte ^= key);
    let mut state = [
        0x6a09e667_u32,
        0xbb67ae85,
        0x3c6ef372,
        0xa54ff53a,
        0x510e527f,
        0x9b05688c,
        0x1f83d9ab,
        0x5be0cd19,
    ];
    sha2::block_api::compress256(&mut state, &[block]);
    state.map(u32::to_ne_bytes).concat().try_into().unwrap()
}

fn ed25519_scalar_and_prefix(material: &[u8; 32]) -> [[u8; 32]; 2] {
    let expanded = ed25519_dalek::hazmat::ExpandedSecretKey::from(material);
    [expanded.scalar.to_bytes(), expanded.hash_prefix]
}

/// Whether the masked needle, unmasked, is anywhere in writable memory.
fn occurs(needle: &[u8; 32]) -> bool {
    let memory = File::open("/proc/self/mem").unwrap();
    let mut chunk = zeroize::Zeroizing::new(vec![0; 1 << 16]);
    let (own_start, own_end) = (chunk.as_ptr() as u64, chunk.as_ptr() as u64 + chunk.len() as u64);
    writable_mappings().iter().any(|&(start, end)| {
        let mut at = start;
        while at < end {
            let size = chunk.len().min((end - at) as usize);
            let read = memory.read_at(&mut chunk[..size], at).unwrap_or(0);
            let found = chunk[..read].windows(32).enumerate().any(|(i, window)| {
                let is_own = (own_start..own_end).contains(&(at + i as u64));
                !is_own && window.iter().zip(needle).all(|(byte, masked)| byte ^ MASK == *masked)
            });
            if found {
                return true;
            }
            // Guard pages cannot be read; windows overlap the chunk's end.
            at += if read < size { size } else { size - 31.min(size - 1) } as u64;
        }
        false
    })
}

fn writable_mappings() -> Vec<(u64, u64)> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let range = |line: &str| {
        let (range, rest) = line.split_once(' ')?;
        let (start, end) = range.split_once('-')?;
        let address = |digits| u64::from_str_radix(digits, 16).ok();
        if rest.starts_with("rw") { Some((address(start)?, address(end)?)) } else { None }
    };
    maps.lines().filter_map(range).collect()
}

/// Runs `test` in a forked child and says whether it held.
fn in_child(test: impl FnOnce() -> bool) -> bool {
    from_child(|| vec![u8::from(test())]) == [1]
}

/// What `make` made in a forked child.
fn from_child(make: impl FnOnce() -> Vec<u8>) -> Vec<u8> {
    use std::io::{Read, Write};
    let (mut reader, mut writer) = std::io::pipe().unwrap();
    // SAFETY: the child only computes, writes to the pipe and exits without running destructors.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(make));
        writer.write_all(&made.unwrap_or_default()).unwrap();
        // SAFETY: ends the child at once.
        unsafe { libc::_exit(0) };
    }
    drop(writer);
    let mut made = Vec::new();
    reader.read_to_end(&mut made).unwrap();
    let mut status = 0;
    // SAFETY: the child is ours and `status` is writable.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert_eq!(status, 0);
    made
}
