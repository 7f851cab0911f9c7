//! The code of a document, as it is printed.

use std::fs;
use std::path::Path;

/// The blocks in this language, in the order in which they stand.
pub fn blocks(document: &str, language: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
    let text = fs::read_to_string(path).unwrap();
    let fenced = text.split("\n```").skip(1).step_by(2);
    let blocks = fenced.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n'));
    let blocks: Vec<_> = blocks.map(|block| format!("{block}\n")).collect();
    assert!(!blocks.is_empty(), "{document} has no {language}");
    blocks
}
