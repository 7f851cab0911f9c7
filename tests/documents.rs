//! What the documents cite is there: files, functions, targets of `make`. What they show of C and C++
//! compiles.

#[path = "support/blocks.rs"]
mod blocks;

use std::fs;
use std::path::Path;
use std::process::Command;

const DOCUMENTS: &[&str] = &[
    "README.md",
    "ARCHITECTURE.md",
    "PORTING.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "docs/REFERENCE.md",
    "docs/RISK.md",
    "docs/CONFIGURATION.md",
    "docs/JOURNAL.md",
    "docs/LEGACY.md",
    "docs/OBSERVABILITY.md",
    "docs/RELIABILITY.md",
    "docs/SERVICE.md",
    "docs/SUITES.md",
    "benches/README.md",
];

/// CMake's and C++'s, written as names of our functions are.
const FOREIGN: &[&str] = &["tinywindow::tinywindow", "tinywindow::static", "std::function"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What stands in backticks in running text, code blocks left out.
fn cited(document: &str) -> Vec<String> {
    let prose = document.split("```").step_by(2).collect::<String>();
    prose.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// All sources of the library, to look names up in.
fn sources(folder: &Path, found: &mut String) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.path() {
            path if path.is_dir() => sources(&path, found),
            path => found.push_str(&fs::read_to_string(path).unwrap()),
        }
    }
}

/// Whether the name is declared as such, and not only part of another word.
fn declares(code: &str, word: &str, name: &str) -> bool {
    let goes_on = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    code.split(&format!("{word} {name}")).skip(1).any(|rest| !goes_on(rest))
}

#[test]
fn cited_files_are_there() {
    let mut count = 0;
    for document in DOCUMENTS {
        for name in cited(&read(document)) {
            let words = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
            let ends = [".rs", ".py", ".c", ".h", ".hpp", ".md", ".txt", ".xml", ".sh", "/"];
            let is_path = name.contains('/') && ends.iter().any(|end| name.ends_with(end));
            // What stands beside the checkout or is made by a build need not be there.
            let elsewhere = ["../", "target/", ".venv/", "tinywindow/"];
            if is_path && name.chars().all(words) && !elsewhere.iter().any(|e| name.contains(e)) {
                count += 1;
                let beside = ["", "src/gateway/", "bindings/python/", "benches/"];
                let there = beside.iter().any(|folder| root().join(folder).join(&name).exists());
                assert!(there, "{document} cites {name}, which is not there");
            }
        }
    }
    assert!(count > 30, "only {count} paths were found");
}

#[test]
fn links_lead_somewhere() {
    let mut count = 0;
    for document in DOCUMENTS {
        let text = read(document);
        for target in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            if !target.starts_with("http") && !target.starts_with('#') {
                count += 1;
                let folder = root().join(document).parent().unwrap().to_owned();
                assert!(folder.join(target).exists(), "{document} links to {target}");
            }
        }
    }
    assert!(count >= 15, "only {count} links were found");
}

#[test]
fn cited_functions_and_constants_are_there() {
    let mut code = read("include/tinywindow.h") + &read("bindings/fortran/tinywindow.f90");
    sources(&root().join("src"), &mut code);
    let mut count = 0;
    for document in DOCUMENTS {
        for name in cited(&read(document)) {
            let is_identifier = name.chars().all(|c| c.is_ascii_alphanumeric() || "_:".contains(c));
            let is_ours = name.starts_with("tw_") || name.starts_with("TW_") || name.contains("::");
            if is_identifier && is_ours {
                count += 1;
                let last = name.rsplit("::").next().unwrap();
                let is_function = name.contains("::") && !last.contains(char::is_uppercase);
                let is_there = match is_function {
                    _ if FOREIGN.contains(&&*name) => true,
                    true => ["fn", "mod"].iter().any(|word| declares(&code, word, last)),
                    false => code.contains(last),
                };
                assert!(is_there, "{document} cites {name}, which is not there");
            }
        }
    }
    assert!(count > 40, "only {count} names were found");
}

#[test]
fn cited_tests_are_there() {
    let mut code = String::new();
    for folder in ["tests/gateway", "tests/journal", "tests/telemetry", "simulation/tests"] {
        sources(&root().join(folder), &mut code);
    }
    let is_test = |name: &String| {
        let words = name.split('_').count();
        words > 5 && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    };
    let names: Vec<String> =
        cited(&read("docs/RELIABILITY.md")).into_iter().filter(is_test).collect();
    for name in &names {
        assert!(code.contains(&format!("#[test]\nfn {name}()")), "{name} is no test");
    }
    assert!(names.len() >= 10, "only {} names were found", names.len());
}

#[test]
fn cited_metrics_and_spans_are_there() {
    let mut code = String::new();
    sources(&root().join("src"), &mut code);
    let mut count = 0;
    for document in DOCUMENTS {
        for cited in cited(&read(document)) {
            let name = cited.split(['{', ' ']).next().unwrap();
            let starts = ["tinywindow_encryption_", "tinywindow_exec_", "encryption.", "exec."];
            if starts.iter().any(|start| name.starts_with(start)) {
                count += 1;
                assert!(code.contains(&format!("\"{name}\"")), "{document} cites {name}");
            }
        }
    }
    assert!(count > 25, "only {count} names were found");
}

#[test]
fn cited_make_targets_are_there() {
    let makefiles = read("Makefile") + &read("bindings/install.mk") + &read("bindings/package.mk");
    let mut count = 0;
    for document in DOCUMENTS {
        for command in cited(&read(document)) {
            let Some(target) = command.strip_prefix("make ").filter(|t| !t.starts_with('-')) else {
                continue;
            };
            let target = target.split(' ').next().unwrap();
            count += 1;
            assert!(makefiles.contains(&format!("\n{target}:")), "{document}: make {target}");
        }
    }
    assert!(count > 10, "only {count} targets were found");
}

/// The block as the body of a function with these parameters; its includes stay outside.
fn compile(compiler: &[&str], language: &str, parameters: &str) {
    let block = blocks::blocks("README.md", language).remove(0);
    let (includes, body): (Vec<_>, Vec<_>) =
        block.lines().partition(|line| line.starts_with("#include"));
    let (includes, body) = (includes.join("\n"), body.join("\n"));
    let source =
        format!("{includes}\nvoid part({parameters});\nvoid part({parameters}) {{\n{body}\n}}\n");
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("readme.{language}"));
    fs::write(&path, source).unwrap();
    let output = Command::new(compiler[0])
        .args(&compiler[1..])
        .args(["-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-Iinclude"])
        .arg("-Ibindings/cpp/include")
        .arg(path)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_c_and_cpp_of_the_readme_compile() {
    compile(
        &["cc", "-std=c11"],
        "c",
        "tw_gateway *gateway, const uint8_t *payload, size_t payload_len, const uint8_t *frame,
         size_t frame_len, uint64_t timeout_ns",
    );
    compile(
        &["c++", "-std=c++17", "-Wno-unused-but-set-variable"],
        "cpp",
        "std::string_view config",
    );
}
