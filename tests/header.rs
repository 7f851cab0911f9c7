//! The committed header is what cbindgen makes of `src/ffi/`.

use std::{env, fs, path::Path};

#[test]
fn header_is_generated_from_the_source() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_root_or_default(root);
    let source = [
        "status",
        "suite",
        "key",
        "interchange",
        "sign",
        "prepared",
        "order",
        "config",
        "gateway",
        "limits",
        "session",
        "positions",
        "pre_trade",
        "send",
        "telemetry",
    ];
    let builder = source.iter().fold(cbindgen::Builder::new().with_config(config), |b, file| {
        b.with_src(root.join(format!("src/ffi/{file}.rs")))
    });
    let mut generated = Vec::new();
    builder.generate().expect("cbindgen reads src/ffi").write(&mut generated);
    let generated = String::from_utf8(generated).expect("a header is text");
    let generated = without_safety_sections(&generated);

    let path = root.join("include/tinywindow.h");
    if env::var_os("UPDATE_HEADER").is_some() {
        fs::create_dir_all(root.join("include")).expect("include/ can be made");
        fs::write(&path, &generated).expect("the header can be written");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == generated, "include/tinywindow.h is stale: run `make header`");
}

/// `# Safety` sections speak to Rust callers; the header's contract says the same to C's.
fn without_safety_sections(header: &str) -> String {
    let mut in_safety = false;
    let mut kept: Vec<&str> = Vec::new();
    for line in header.lines() {
        in_safety = (in_safety || line == " * # Safety") && line != " */";
        if line == " */" {
            while kept.last() == Some(&" *") {
                kept.pop();
            }
        }
        if !in_safety {
            kept.push(line);
        }
    }
    kept.join("\n") + "\n"
}

#[test]
fn every_function_says_what_a_caller_must_know() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/tinywindow.h");
    let header = fs::read_to_string(path).expect("the header is there");
    let mut functions = 0;
    let mut comment = String::new();
    for line in header.lines() {
        match line {
            "/**" => comment.clear(),
            _ if line.starts_with(" *") => comment.push_str(line),
            _ if line.starts_with("typedef") => {}
            _ if line.contains("tw_") && line.contains('(') && !line.starts_with([' ', '#']) => {
                functions += 1;
                for word in ["Returns ", "Threads: ", "Cost: ", "Since "] {
                    assert!(comment.contains(word), "{line}\nsays nothing of `{word}`");
                }
            }
            _ => {}
        }
    }
    let exported = include_str!("c/symbols.txt").lines().count();
    assert_eq!(functions, exported, "functions found in the header and exported symbols");
}
