//! What the README shows of the command runs as it is printed.

use std::env;
use std::path::Path;
use std::process::Command;

use crate::blocks::blocks;
use crate::{BINARY, folder, stderr};

#[test]
fn the_commands_of_the_readme_run_from_top_to_bottom_in_an_empty_folder() {
    let shell = blocks("README.md", "sh");
    let commands = shell.iter().find(|block| block.contains("tinywindow keygen")).unwrap();
    let ours = Path::new(BINARY).parent().unwrap().display();
    let output = Command::new("sh")
        .args(["-euc", commands])
        .current_dir(folder("readme"))
        .env("PATH", format!("{ours}:{}", env::var("PATH").unwrap()))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("Signature Verified Successfully"), "{said}");
}
