//! `completions` and the man pages: they know every command.

use std::fs;
use std::path::Path;

use tinywindow::signing::Suite;

use super::{expect, folder, run};

/// The commands that `--help` lists.
fn commands(folder: &Path) -> Vec<String> {
    let help = expect(&run(folder, &["--help"]), 0);
    let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = listed.lines().map(|line| line.split_whitespace().next().unwrap().to_owned());
    let names: Vec<_> = names.filter(|name| name != "help").collect();
    assert!(names.len() >= 8, "{names:?}");
    names
}

#[test]
fn every_shell_completes_every_command() {
    let folder = folder("completions");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = expect(&run(&folder, &["completions", shell]), 0);
        for name in commands(&folder) {
            assert!(script.contains(&name), "{shell} does not know {name}");
        }
        assert!(script.contains("print-config"), "{shell} does not know replay's options");
    }
    for shell in ["bash", "zsh", "fish"] {
        let script = expect(&run(&folder, &["completions", shell]), 0);
        for suite in Suite::ALL {
            assert!(script.contains(suite.name()), "{shell} does not know {}", suite.name());
        }
    }
    expect(&run(&folder, &["completions", "command.com"]), 2);
}

#[test]
fn every_command_has_a_man_page() {
    let folder = folder("man");
    expect(&run(&folder, &["man", "man1", "2026-11-24"]), 0);
    let command = fs::read_to_string(folder.join("man1/tinywindow.1")).unwrap();
    for name in commands(&folder) {
        assert!(command.contains(&format!("tinywindow\\-{name}(1)")), "{name} is not listed");
        let page = fs::read_to_string(folder.join(format!("man1/tinywindow-{name}.1"))).unwrap();
        assert!(
            page.contains(&format!(".TH TINYWINDOW-{} 1 2026-11-24 ", name.to_uppercase())),
            "{page}"
        );
        assert!(page.contains(".SH SYNOPSIS") && page.contains(".SH OPTIONS"), "{name}");
    }
    let keygen = fs::read_to_string(folder.join("man1/tinywindow-keygen.1")).unwrap();
    assert!(keygen.contains("[\\-\\-suite <SUITE>]"), "{keygen}");
    let verify = fs::read_to_string(folder.join("man1/tinywindow-verify.1")).unwrap();
    let synopsis = verify.split(".SH ").find(|section| section.starts_with("SYNOPSIS")).unwrap();
    assert!(synopsis.contains("[\\-\\-json]"), "{synopsis}");
    assert!(synopsis.contains("{\\-\\-signature <HEX> |"), "{synopsis}");
    assert!(folder.join("man1/tinywindow-config-check.1").is_file());
    assert!(!folder.join("man1/tinywindow-man.1").exists(), "it is none of the user's");
}

#[test]
fn a_folder_that_cannot_be_made_is_said() {
    let folder = folder("man-folder");
    fs::write(folder.join("file"), "").unwrap();
    expect(&run(&folder, &["man", "file/man1", "2026-11-24"]), 2);
}
