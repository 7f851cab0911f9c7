//! Where prepared keys live: what the kernel says of their pages, what a forked child can do with
//! them, and what is left in memory when they are gone. Linux only; one test at a time, since all
//! of it is about the whole process.
#![cfg(target_os = "linux")]

#[path = "support/handles.rs"]
mod handles;

use handles::{Handles, item};
use sha2::Digest;
use std::fs::File;
use std::io::BufRead;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, MutexGuard};
use tinywindow::config::Config;
use tinywindow::ffi;
use tinywindow::interchange::{Encoding, decode, encode};
use tinywindow::signing::{
    Context, HEADER_SIZE, Kind, Signer, Suite, Usage, Verifier, import, keygen, public_key,
};
use tinywindow::{Error, MemoryLock, set_memory_policy};
use zeroize::Zeroizing;

fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Mappings that are locked (`lo`), out of dumps (`dd`) and wiped on fork (`wf`).
fn guarded_mappings() -> Vec<Range<u64>> {
    let smaps = std::fs::read_to_string("/proc/self/smaps").unwrap();
    let is_guarded = |flags: &str| {
        let flags = flags.split_whitespace().collect::<Vec<_>>();
        ["rd", "wr", "lo", "dd", "wf"].iter().all(|flag| flags.contains(flag))
    };
    let (mut guarded, mut mapping) = (Vec::new(), 0..0);
    for line in smaps.lines() {
        match line.strip_prefix("VmFlags: ") {
            Some(flags) if is_guarded(flags) => guarded.push(mapping.clone()),
            Some(_) => {}
            None => mapping = range(line).unwrap_or(mapping),
        }
    }
    guarded
}

/// The addresses at the beginning of a line of /proc/self/maps.
fn range(line: &str) -> Option<Range<u64>> {
    let (start, end) = line.split_once(' ')?.0.split_once('-')?;
    let address = |digits| u64::from_str_radix(digits, 16).ok();
    Some(address(start)?..address(end)?)
}

#[test]
fn each_secret_has_locked_pages_of_its_own_and_gives_them_back() {
    let _alone = alone();
    let before = guarded_mappings().len();
    for &suite in Suite::ALL {
        let secret = keygen(suite, 1);
        let signer = Signer::new(&secret).unwrap();
        assert_eq!(guarded_mappings().len(), before + 1, "{suite:?}");
        let public = public_key(&secret).ok().map(|key| Verifier::new(&key).unwrap());
        assert_eq!(guarded_mappings().len(), before + 1, "{suite:?}: a public key is no secret");
        let verifier = Verifier::new(&secret).unwrap();
        let is_secret = suite.public_key_size().is_none();
        assert_eq!(guarded_mappings().len(), before + 1 + usize::from(is_secret), "{suite:?}");
        drop((signer, verifier, public));
        assert_eq!(guarded_mappings().len(), before, "{suite:?}");
    }
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
        guarded_mappings().is_empty()
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
        in_guarded_pages_only(suite, &signer, &needles);
        drop(signer);
        nowhere(suite, &[needles.material, needles.derived].concat());
    }
}

/// The same of a key that came without its seed: the bytes that it came in are its prepared form.
#[test]
fn nothing_of_an_expanded_key_stays_in_memory() {
    let _alone = alone();
    for (suite, expanded) in [
        (Suite::MlDsa44, expanded_44 as fn() -> Vec<u8>),
        (Suite::MlDsa65, expanded_65),
        (Suite::MlDsa87, expanded_87),
    ] {
        let needles = masked_needles(suite);
        let masked = from_child(|| masked(&expanded()));
        let material = unmasked(&masked);
        let signer =
            Signer::new(&import(suite, Kind::Expanded, Usage::Framed, &material).unwrap()).unwrap();
        drop(material);
        in_guarded_pages_only(suite, &signer, &needles);
        drop(signer);
        nowhere(suite, &needles.derived);
    }
}

/// Batches, through the C ABI: the caller's own bytes are the only ones.
#[test]
fn nothing_of_a_secret_that_signed_batches_stays_in_memory() {
    let _alone = alone();
    for &suite in Suite::ALL {
        let needles = masked_needles(suite);
        sign_and_verify_batches(&keygen(suite, 77));
        nowhere(suite, &[needles.material, needles.derived].concat());
    }
}

/// Long enough for two HMACs to be made at once, and one that is left over.
fn sign_and_verify_batches(key: &[u8]) {
    let payloads = [[b'a'; 1000], [b'b'; 1000], [b'c'; 1000]];
    let payloads: Vec<_> = payloads.iter().map(|payload| item(payload)).collect();
    let handles = Handles::new(key);
    let (signatures, results) = handles.sign(&payloads);
    assert_eq!(results, [ffi::TW_OK; 3]);
    let signatures: Vec<_> = signatures.iter().map(|signature| item(signature)).collect();
    assert_eq!(handles.verify(&payloads, &signatures), [ffi::TW_OK; 3]);
}

/// Neither the key, nor its password, once the caller's own copies are gone.
#[test]
fn nothing_of_an_encrypted_key_or_its_password_stays_in_memory() {
    let _alone = alone();
    let password = || keygen(Suite::HmacSha256, 78)[HEADER_SIZE..].to_vec();
    let password_needle = from_child(|| masked(&password())).try_into().unwrap();
    for &suite in Suite::ALL.iter().filter(|suite| suite.public_key_size().is_some()) {
        let needles = masked_needles(suite);
        let pem = from_child(|| {
            encode(&keygen(suite, 77), Encoding::Pem, Some(&password())).unwrap().to_vec()
        });
        let masked_password = from_child(|| masked(&password()));
        let given = unmasked(&masked_password);
        let key = decode(Usage::Framed, &pem, Some(&given)).unwrap();
        assert!(!occurrences(&password_needle).is_empty(), "the search finds what is there");
        assert!(!occurrences(&needles.material[0]).is_empty(), "the search finds what is there");
        decode(Usage::Framed, &pem, Some(&given[1..])).unwrap_err();
        encode(&key, Encoding::Der, Some(&given)).unwrap();
        let plain = encode(&key, Encoding::Pem, None).unwrap();
        decode(Usage::Framed, &plain, None).unwrap();
        drop((key, given, plain));
        nowhere(suite, &[needles.material, needles.derived, vec![password_needle]].concat());
    }
}

/// What is derived is in use, and in guarded pages alone.
fn in_guarded_pages_only(suite: Suite, signer: &Signer, needles: &Needles) {
    signer.sign(Context::Payload, b"x").unwrap();
    signer.sign(Context::Custom(b"app"), &[0; 2000]).unwrap();
    for (i, needle) in needles.derived.iter().enumerate() {
        let places = occurrences(needle);
        assert!(!places.is_empty(), "{suite:?}: derived needle {i} is in use");
        let guarded = guarded_mappings();
        let is_guarded = |place| guarded.iter().any(|pages| pages.contains(place));
        assert!(places.iter().all(is_guarded), "{suite:?}: derived needle {i} is elsewhere");
    }
}

fn nowhere(suite: Suite, needles: &[[u8; 32]]) {
    for (i, needle) in needles.iter().enumerate() {
        assert!(occurrences(needle).is_empty(), "{suite:?}: needle {i} is still there");
    }
}

const MASK: u8 = 0x5a;

/// What must not be found: 32 bytes each, masked.
struct Needles {
    /// The key's, which nobody needs once it is prepared.
    material: Vec<[u8; 32]>,
    /// Parts of what its prepared form consists of.
    derived: Vec<[u8; 32]>,
}

fn masked_needles(suite: Suite) -> Needles {
    let bytes = from_child(|| {
        let key = keygen(suite, 77);
        let material = key[HEADER_SIZE..].as_chunks().0;
        masked(&[material, &derived(suite, material)[..]].concat().concat())
    });
    let mut material = bytes.as_chunks().0.to_vec();
    let derived = material.split_off((suite.secret_key_size() - HEADER_SIZE) / 32);
    Needles { material, derived }
}

fn masked(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| byte ^ MASK).collect()
}

/// Without growing, which would leave a copy behind.
fn unmasked(masked: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(masked.to_vec());
    bytes.iter_mut().for_each(|byte| *byte ^= MASK);
    bytes
}

macro_rules! expanded {
    ($($name:ident: $set:ident, $suite:ident;)*) => {$(
        fn $name() -> Vec<u8> {
            let seed = keygen(Suite::$suite, 77)[HEADER_SIZE..].try_into().unwrap();
            libcrux_ml_dsa::$set::generate_key_pair(seed).signing_key.as_slice().to_vec()
        }
    )*};
}

expanded! {
    expanded_44: ml_dsa_44, MlDsa44;
    expanded_65: ml_dsa_65, MlDsa65;
    expanded_87: ml_dsa_87, MlDsa87;
}

fn derived(suite: Suite, material: &[[u8; 32]]) -> Vec<[u8; 32]> {
    // FIPS 204, skEncode: rho, K, tr, s1, ...
    let k_and_s1 = |key: &[u8]| [&key[32..64], &key[128..160]].map(|part| part.try_into().unwrap());
    macro_rules! ml_dsa {
        ($set:ident) => {
            k_and_s1(libcrux_ml_dsa::$set::generate_key_pair(material[0]).signing_key.as_slice())
        };
    }
    match suite {
        Suite::HmacSha256 => [0x36, 0x5c].map(|pad| hmac_state(&material[0], pad)).to_vec(),
        Suite::Ed25519 => ed25519_scalar_and_prefix(&material[0]).to_vec(),
        Suite::MlDsa44 => ml_dsa!(ml_dsa_44).to_vec(),
        Suite::MlDsa65 => ml_dsa!(ml_dsa_65).to_vec(),
        Suite::MlDsa87 => ml_dsa!(ml_dsa_87).to_vec(),
        Suite::MlDsa65Ed25519 => {
            [ml_dsa!(ml_dsa_65), ed25519_scalar_and_prefix(&material[1])].concat()
        }
        _ => panic!("{suite:?}: what is its prepared form?"),
    }
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

/// As the core keeps them that processors with AVX2 and ADX have: the scalar is not reduced.
fn ed25519_scalar_and_prefix(material: &[u8; 32]) -> [[u8; 32]; 2] {
    let expanded = sha2::Sha512::digest(material);
    let (scalar, prefix) = expanded.split_at(32);
    let scalar = scalar.try_into().unwrap();
    [clamped(scalar), prefix.try_into().unwrap()]
}

/// RFC 8032, section 5.1.5, step 2.
fn clamped(mut scalar: [u8; 32]) -> [u8; 32] {
    scalar[0] &= 0xf8;
    scalar[31] = scalar[31] & 0x7f | 0x40;
    scalar
}

/// Where in writable memory the masked needle, unmasked, is.
fn occurrences(needle: &[u8; 32]) -> Vec<u64> {
    let memory = File::open("/proc/self/mem").unwrap();
    let mut chunk = Zeroizing::new(vec![0; 1 << 16]);
    let own = chunk.as_ptr() as u64..chunk.as_ptr() as u64 + chunk.len() as u64;
    let mut places = Vec::new();
    for mapping in writable_mappings() {
        let mut at = mapping.start;
        while at < mapping.end {
            let size = chunk.len().min((mapping.end - at) as usize);
            let read = memory.read_at(&mut chunk[..size], at).unwrap_or(0);
            places.extend(
                places_in(&chunk[..read], needle)
                    .map(|i| at + i as u64)
                    .filter(|place| !own.contains(place)),
            );
            // Guard pages cannot be read; windows overlap the chunk's end.
            at += if read < size { size } else { size - 31.min(size - 1) } as u64;
        }
    }
    places
}

/// By the first byte, which the standard library finds fast, unoptimised too.
fn places_in<'a>(chunk: &'a [u8], needle: &'a [u8; 32]) -> impl Iterator<Item = usize> + 'a {
    let mut rest = chunk;
    let candidates = std::iter::from_fn(move || {
        let skipped = rest.skip_until(needle[0] ^ MASK).expect("memory is read without errors");
        (skipped > 0).then(|| chunk.len() - rest.len() - 1)
    });
    candidates.filter(move |&i| {
        let window = chunk.get(i..i + 32).unwrap_or_default();
        !window.is_empty() && window.iter().zip(needle).all(|(byte, masked)| byte ^ MASK == *masked)
    })
}

fn writable_mappings() -> Vec<Range<u64>> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    maps.lines().filter(|line| line.contains(" rw")).filter_map(range).collect()
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
