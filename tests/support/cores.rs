//! Core dumps of processes that the tests have started.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};

/// Whether the kernel leaves dumps in the folder of the process, and does not give them to a
/// program or put them elsewhere, as it does on many machines (core(5)).
pub fn leaves_cores_here() -> bool {
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap_or_default();
    !pattern.trim().is_empty() && !pattern.contains(['|', '/'])
}

/// Crashes a process, and takes the dump that the kernel leaves in its folder, if any.
pub fn crash(process: &mut Child, folder: &Path) -> Option<Vec<u8>> {
    let id = process.id().to_string();
    // Whatever the shell that started the tests permits.
    let limit = Command::new("prlimit").args(["--core=unlimited:unlimited", "--pid", &id]).status();
    assert!(limit.expect("prlimit (util-linux)").success(), "RLIMIT_CORE cannot be raised");
    assert!(Command::new("kill").args(["-s", "ABRT", &id]).status().unwrap().success());
    process.wait().unwrap();
    let mut files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.find_map(|file| {
        let dump = fs::read(&file).ok().filter(|bytes| is_core(bytes))?;
        fs::remove_file(file).unwrap();
        Some(dump)
    })
}

/// The dump that gdb makes of a process while it goes on, if it may. It leaves out what the kernel
/// would.
pub fn gcore(id: u32, folder: &Path) -> Option<Vec<u8>> {
    let name = folder.join("gcore");
    let output = Command::new("gcore").arg("-o").arg(&name).arg(id.to_string()).output();
    output.expect("gcore of gdb (`make setup` installs it)");
    let file = format!("{}.{id}", name.display());
    let dump = fs::read(&file).ok()?;
    fs::remove_file(file).unwrap();
    Some(dump)
}

/// ELF, 64 bits, little-endian, of the type ET_CORE.
fn is_core(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x7fELF\x02\x01") && bytes.get(16..18) == Some(&[4, 0])
}
