//! The tree against the reference vectors of RFC 6962's authors, against the recursive definitions
//! of RFC 9162 written down as they stand there, and against everything that is not a proof.

use std::ops::Range;

use tinywindow::journal::merkle::*;

/// The leaves of the Certificate Transparency project's reference tree.
const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];

/// Its roots with no leaf, one, two and so on.
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const N01: &str = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
const N10: &str = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
const N21: &str = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
const N04: &str = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
const N13: &str = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
const N12: &str = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";

fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn tree(leaves: &[Hash]) -> Frontier {
    let mut tree = Frontier::new();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    tree
}

/// The path of each of these proofs, as the library learns them: going through the leaves once.
fn paths(leaves: &[Hash], proofs: &[Vec<Range<u64>>]) -> Vec<Vec<Hash>> {
    let mut subtrees = Subtrees::new(proofs.iter().flatten());
    leaves.iter().for_each(|leaf| subtrees.push(*leaf));
    let path = |ranges: &Vec<Range<u64>>| {
        ranges.iter().map(|range| subtrees.root(range).unwrap()).collect()
    };
    proofs.iter().map(path).collect()
}

/// Of each leaf.
fn inclusion_paths(leaves: &[Hash]) -> Vec<Vec<Hash>> {
    let size = leaves.len() as u64;
    let proofs: Vec<_> = (0..size).map(|index| inclusion(index, size).unwrap()).collect();
    paths(leaves, &proofs)
}

/// From each size, 0 first.
fn consistency_paths(leaves: &[Hash]) -> Vec<Vec<Hash>> {
    let size = leaves.len() as u64;
    let proofs: Vec<_> = (0..=size).map(|old| consistency(old, size).unwrap()).collect();
    paths(leaves, &proofs)
}

/// With no leaf, one, two and so on.
fn roots(leaves: &[Hash]) -> Vec<Hash> {
    (0..=leaves.len()).map(|size| tree(&leaves[..size]).root()).collect()
}

#[test]
fn the_reference_vectors() {
    let leaves = LEAVES.map(leaf_hash);
    for (size, root) in ROOTS.iter().enumerate() {
        assert_eq!(hex(&tree(&leaves[..size]).root()), *root, "{size}");
    }
    let hexes = |path: &Vec<Hash>| path.iter().map(hex).collect::<Vec<_>>();
    let included = |index: usize, size| hexes(&inclusion_paths(&leaves[..size])[index]);
    assert_eq!(included(0, 1), Vec::<String>::new());
    assert_eq!(included(0, 8), [N10, N01, N21]);
    assert_eq!(included(5, 8), [N04, N13, ROOTS[4]]);
    assert_eq!(included(2, 3), [ROOTS[2]]);
    assert_eq!(included(1, 5), [ROOTS[1], N01, N04]);
    let consistent = |old: usize, size| hexes(&consistency_paths(&leaves[..size])[old]);
    assert_eq!(consistent(1, 1), Vec::<String>::new());
    assert_eq!(consistent(1, 8), [N10, N01, N21]);
    assert_eq!(consistent(6, 8), [N12, N13, ROOTS[4]]);
    assert_eq!(consistent(2, 5), [N01, N04]);
}

/// The definitions of RFC 9162, sections 2.1.1, 2.1.3.1 and 2.1.4.1, word for word.
mod definition {
    use super::*;

    fn k(n: usize) -> usize {
        (n - 1).next_power_of_two() / if (n - 1).is_power_of_two() { 1 } else { 2 }
    }

    pub fn mth(d: &[Hash]) -> Hash {
        match d {
            [leaf] => *leaf,
            _ => node_hash(&mth(&d[..k(d.len())]), &mth(&d[k(d.len())..])),
        }
    }

    pub fn path(m: usize, d: &[Hash]) -> Vec<Hash> {
        if d.len() == 1 {
            return Vec::new();
        }
        let (left, right) = d.split_at(k(d.len()));
        let (mut path, other) = match m < left.len() {
            true => (path(m, left), mth(right)),
            false => (path(m - left.len(), right), mth(left)),
        };
        path.push(other);
        path
    }

    pub fn subproof(m: usize, d: &[Hash], b: bool) -> Vec<Hash> {
        if m == d.len() {
            return if b { Vec::new() } else { vec![mth(d)] };
        }
        let (left, right) = d.split_at(k(d.len()));
        let (mut proof, other) = match m <= left.len() {
            true => (subproof(m, left, b), mth(right)),
            false => (subproof(m - left.len(), right, false), mth(left)),
        };
        proof.push(other);
        proof
    }
}

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|number| leaf_hash(&number.to_le_bytes())).collect()
}

const SIZES: u64 = 130;

#[test]
fn every_leaf_of_every_size_is_proved_as_the_rfc_defines_and_nothing_else_is() {
    let all = leaves(SIZES);
    for size in 1..=SIZES {
        let leaves = &all[..size as usize];
        let root = tree(leaves).root();
        assert_eq!(root, definition::mth(leaves), "{size}");
        for (index, path) in (0..size).zip(inclusion_paths(leaves)) {
            let leaf = leaves[index as usize];
            assert_eq!(path, definition::path(index as usize, leaves), "{index} of {size}");
            assert!(includes(size, &root, index, leaf, &path));
            let other = leaves[((index + 1) % size) as usize];
            assert!(size == 1 || !includes(size, &root, index, other, &path));
            assert!(!includes(size, &root, index + 1, leaf, &path), "{index} of {size}");
            // One too many or too few; swapped; changed.
            assert!(!includes(size, &root, index, leaf, &[&path[..], &[root]].concat()));
            if let Some((_, shorter)) = path.split_last() {
                assert!(!includes(size, &root, index, leaf, shorter));
                let mut changed = path.clone();
                changed[index as usize % path.len()][0] ^= 1;
                assert!(!includes(size, &root, index, leaf, &changed));
            }
        }
        assert!(inclusion(size, size).is_none());
    }
}

#[test]
fn every_size_continues_every_smaller_one_as_the_rfc_defines_and_no_other_tree() {
    let all = leaves(SIZES);
    let mut rewritten = all.clone();
    rewritten[0][7] ^= 1;
    let (roots, others) = (roots(&all), roots(&rewritten));
    for size in 1..=SIZES {
        let leaves = &all[..size as usize];
        let root = roots[size as usize];
        for (old, path) in (0..=size).zip(consistency_paths(leaves)).skip(1) {
            let old_root = roots[old as usize];
            let expected = definition::subproof(old as usize, leaves, true);
            assert_eq!(path, expected, "{old} to {size}");
            let holds =
                |old, old_root, path: &[Hash]| is_consistent((old, old_root), (size, &root), path);
            assert!(holds(old, &old_root, &path), "{old} to {size}");
            assert!(!holds(old, &others[old as usize], &path), "{old} to {size}");
            assert!(!holds(old - 1, &old_root, &path), "{old} to {size}");
            assert!(!holds(old, &old_root, &[&path[..], &[root]].concat()));
            for number in 0..path.len() {
                let mut changed = path.clone();
                changed[number][31] ^= 0x80;
                assert!(!holds(old, &old_root, &changed), "{old} to {size}");
            }
        }
        let none = Frontier::new().root();
        assert!(is_consistent((0, &none), (size, &root), &[]));
        assert!(!is_consistent((0, &root), (size, &root), &[]));
        assert!(consistency(size + 1, size).is_none());
    }
}

#[test]
fn a_proof_that_claims_a_tree_of_any_size_is_checked_in_no_time() {
    let hash = leaf_hash(b"");
    for size in [u64::MAX, 1 << 63, (1 << 63) + 1] {
        let path = vec![hash; inclusion(size - 1, size).unwrap().len()];
        assert!(!includes(size, &hash, size - 1, hash, &path));
        let path = vec![hash; consistency(size - 1, size).unwrap().len()];
        assert!(!is_consistent((size - 1, &hash), (size, &hash), &path));
    }
}
