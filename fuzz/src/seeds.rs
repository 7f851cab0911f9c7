//! Writes what the fuzzers begin with, one folder per target: `seeds FOLDER`, from the repository's
//! root. Nothing of it is kept in the repository: it is made of what is there anyway, and of the test
//! vectors of others.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use prost::Message;
use tinywindow::Gateway;
use tinywindow::config::Config;
use tinywindow::decimal;
use tinywindow::gateway::{HaltScope, ManualClock, Options};
use tinywindow::interchange::{self, Encoding};
use tinywindow::journal::merkle::{self, Hash, Subtrees};
use tinywindow::journal::{
    self, Batch, ConsistencyProof, FileJournal, InclusionProof, Journal, Kind, Notary,
    SignedCheckpoint, segment_name,
};
use tinywindow::order::{Order, Request, Side, UNIT};
use tinywindow::service::proto::encryption::{KeygenRequest, SignRequest, VerifyRequest};
use tinywindow::service::proto::execution::SendOrderRequest;
use tinywindow::signing::{self, HEADER_SIZE, Key, Signer, Suite};
use vectors::Vectors;

mod blocks;
mod desk;
mod signed_note;
mod vectors;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: seeds FOLDER")?);
    let (golden, vectors) = (Golden::read()?, Vectors::read()?);
    save(&folder.join("key_bytes"), &golden.key_bytes() | &vectors.key_bytes())?;
    save(&folder.join("encoded_key"), &golden.encoded_keys() | &vectors.encoded_keys())?;
    save(&folder.join("order_frame"), golden.arguments("order_decode", 1))?;
    save(&folder.join("signature"), &golden.signatures() | &vectors.signatures())?;
    save(&folder.join("batch"), &golden.batches() | &vectors.batches())?;
    save(&folder.join("configuration"), configurations()?)?;
    save(&folder.join("grpc"), requests(&golden)?)?;
    save(&folder.join("proof"), proofs(&folder.join("signed.twj"))?)?;
    let journal = folder.join("journal");
    let traded = folder.join("traded.twj");
    trade(&traded)?;
    let segment = std::fs::read(traded.join(segment_name(1)))?;
    std::fs::remove_dir_all(&traded)?;
    save(&journal, HashSet::from([blocks::pack(&segment)]))
}

fn save(folder: &Path, seeds: HashSet<Vec<u8>>) -> Result {
    std::fs::create_dir_all(folder)?;
    if seeds.is_empty() {
        return Err(format!("no seeds for {}", folder.display()).into());
    }
    for (number, seed) in seeds.iter().enumerate() {
        std::fs::write(folder.join(number.to_string()), seed)?;
    }
    println!("{} seeds in {}", seeds.len(), folder.display());
    Ok(())
}

/// The commands of `tests/fixtures/golden.txt`, their arguments in bytes: what is no hexadecimal is
/// empty.
struct Golden(Vec<(String, Vec<Vec<u8>>)>);

impl Golden {
    fn read() -> Result<Golden> {
        let text = std::fs::read_to_string("tests/fixtures/golden.txt")?;
        let commands = text.lines().filter_map(|line| line.split_once(" => ")).map(|(line, _)| {
            let (name, arguments) = line.split_once(' ').unwrap_or((line, ""));
            (name.to_string(), arguments.split(' ').map(bytes).collect())
        });
        Ok(Golden(commands.collect()))
    }

    fn all(&self, is_seed: impl Fn(&[u8]) -> bool) -> HashSet<Vec<u8>> {
        let arguments = self.0.iter().flat_map(|(_, arguments)| arguments);
        arguments.filter(|argument| is_seed(argument)).cloned().collect()
    }

    fn key_bytes(&self) -> HashSet<Vec<u8>> {
        self.all(|argument| argument.starts_with(b"TWK"))
    }

    /// Each key in each form that it has, and one that is encrypted.
    fn encoded_keys(&self) -> HashSet<Vec<u8>> {
        let keys = self.all(|argument| Key::parse(argument).is_ok());
        let forms = keys.iter().flat_map(|key| {
            let encoded = |encoding: &Encoding| interchange::encode(key, *encoding, None);
            Encoding::ALL.iter().filter_map(move |encoding| encoded(encoding).ok())
        });
        let key = signing::keygen(Suite::Ed25519, 1);
        let encrypted = interchange::encode(&key, Encoding::Der, Some(b"password"));
        forms.chain(encrypted).map(|encoded| encoded.to_vec()).collect()
    }

    fn arguments(&self, name: &str, count: usize) -> HashSet<Vec<u8>> {
        let of_name = self.0.iter().filter(|(command, _)| command == name);
        of_name.flat_map(|(_, arguments)| arguments.iter().take(count)).cloned().collect()
    }

    /// As the target wants them: a suite, then each payload of its signatures as an item of every
    /// kind.
    fn batches(&self) -> HashSet<Vec<u8>> {
        let signed = self.0.iter().filter(|(command, _)| command == "sign");
        let seeds = signed.filter_map(|(_, arguments)| {
            let [key, payload] = &arguments[..] else { return None };
            let len = u8::try_from(payload.len()).ok()?;
            let items = (0..4).flat_map(|choice| [&[choice, len], &payload[..]].concat());
            Some([*key.get(4)?].into_iter().chain(items).collect())
        });
        seeds.collect()
    }

    /// As the target wants them: suite, material, signature in 64 bytes, payload.
    fn signatures(&self) -> HashSet<Vec<u8>> {
        let verified = self.0.iter().filter(|(command, _)| command == "verify");
        let seeds = verified.filter_map(|(_, arguments)| {
            let [key, payload, signature] = &arguments[..] else { return None };
            let (&suite, material) = (key.get(4)?, key.get(HEADER_SIZE..)?);
            let mut padded = signature.clone();
            padded.resize(64, 0);
            Some([&[suite], material, &padded, payload].concat())
        });
        let unchanged = Suite::ALL.iter().map(|suite| {
            let material = suite.secret_key_size() - HEADER_SIZE;
            [vec![suite.number() as u8], vec![0; material + 64 + 9]].concat()
        });
        seeds.chain(unchanged).collect()
    }
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits = hexadecimal.as_bytes().chunks(2);
    let digit_pairs =
        digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    digit_pairs.collect::<Option<_>>().unwrap_or_default()
}

/// Every TOML block of the reference page, each alone, and all that the page says as one.
fn configurations() -> Result<HashSet<Vec<u8>>> {
    let page = std::fs::read_to_string("docs/CONFIGURATION.md")?;
    let blocks = page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let whole = desk::config(Path::new("orders.twj"));
    Ok(blocks.chain([whole.as_str()]).map(|text| text.as_bytes().to_vec()).collect())
}

/// As the target wants them: who calls what, then a message behind its flag and length.
fn requests(golden: &Golden) -> Result<HashSet<Vec<u8>>> {
    let request = |choice: u8, message: &[u8]| {
        let length = (message.len() as u32).to_be_bytes();
        [&[choice, 0], &length[..], message].concat()
    };
    let held = || "reports.key".to_owned();
    let payload = b"a payload".to_vec();
    let signature = signing::sign(&desk::reports_key(), &payload)?;
    let order = Order {
        session_id: 1,
        sequence: 1,
        client_order_id: 1,
        sending_time: desk::NOW,
        ..Order::limit("AAPL", Side::Buy, 10 * UNIT, 58_500_000_000).ok_or("an order")?
    };
    let order_payload = order.sign(&Signer::new(&desk::session_key())?)?;
    let mut seeds: Vec<(u8, Vec<u8>)> = vec![
        (0, KeygenRequest { seed: 7, suite: 2 }.encode_to_vec()),
        (
            1,
            SignRequest { key_id: held(), payload: payload.clone(), ..Default::default() }
                .encode_to_vec(),
        ),
        (
            2,
            VerifyRequest { key_id: held(), payload, signature, ..Default::default() }
                .encode_to_vec(),
        ),
        (3, SendOrderRequest { order_payload }.encode_to_vec()),
    ];
    for (command, arguments) in &golden.0 {
        seeds.push(match (&**command, &arguments[..]) {
            ("sign", [key, payload]) => (
                1,
                SignRequest { key: key.clone(), payload: payload.clone(), ..Default::default() }
                    .encode_to_vec(),
            ),
            ("verify_context", [key, context, payload, signature]) => (
                2,
                VerifyRequest {
                    key: key.clone(),
                    payload: payload.clone(),
                    signature: signature.clone(),
                    context: Some(context.clone()),
                    ..Default::default()
                }
                .encode_to_vec(),
            ),
            ("order_decode", [frame]) => {
                (4, SendOrderRequest { order_payload: frame.clone() }.encode_to_vec())
            }
            _ => continue,
        });
    }
    let callers = [0, 0x80];
    Ok(seeds
        .iter()
        .flat_map(|(method, message)| callers.map(|caller| request(caller | method, message)))
        .collect())
}

/// Each checkpoint of a small journal, and proofs of some of its records and of its growth.
fn proofs(folder: &Path) -> Result<HashSet<Vec<u8>>> {
    sign_some(folder)?;
    let (mut leaves, mut notes) = (Vec::new(), Vec::new());
    journal::read(folder, |record| {
        if record.kind == Kind::Checkpoint {
            notes.extend(SignedCheckpoint::decode(record.payload));
        }
        leaves.push((record.leaf(), record.hash));
        Ok(())
    })?;
    std::fs::remove_dir_all(folder)?;
    let checkpoint = notes.last().ok_or("a checkpoint")?.clone();
    let size = checkpoint.unverified().size;
    let path = |ranges: Vec<std::ops::Range<u64>>| -> Option<Vec<Hash>> {
        let mut subtrees = Subtrees::new(&ranges);
        leaves[..size as usize].iter().for_each(|(_, hash)| subtrees.push(*hash));
        ranges.iter().map(|range| subtrees.root(range)).collect()
    };
    let mut texts: Vec<String> = notes.iter().map(SignedCheckpoint::to_string).collect();
    for index in [0, 4, size - 1] {
        let path = merkle::inclusion(index, size).and_then(path).ok_or("a path")?;
        let (leaf, checkpoint) = (leaves[index as usize].0.clone(), checkpoint.clone());
        texts.push(InclusionProof { leaf, index, path, checkpoint }.to_string());
    }
    let both = texts[texts.len() - 2..].concat();
    for old in [0, 3, size] {
        let path = merkle::consistency(old, size).and_then(path).ok_or("a path")?;
        texts.push(ConsistencyProof { old, path, checkpoint: checkpoint.clone() }.to_string());
    }
    Ok(texts.into_iter().chain([both]).map(String::into_bytes).collect())
}

/// Leaves a journal with signed checkpoints.
fn sign_some(folder: &Path) -> Result {
    let key = signed_note::key();
    let notary = Notary::new(signed_note::ORIGIN, &[&key], 4, Duration::from_secs(86_400))?;
    let mut journal = FileJournal::open_signed(folder, 65_536, Some(notary), |_| Ok(()))?;
    for number in 0..6u8 {
        let mut batch = Batch::with_capacity(1);
        batch.push(|out| out.extend([number; 8]));
        journal.append(&batch, true)?;
    }
    Ok(journal.seal()?)
}

/// Leaves a journal with every kind of event.
fn trade(journal: &Path) -> Result {
    let options = Options { clock: Arc::new(ManualClock::new(desk::NOW)), ..Options::default() };
    let gateway = Gateway::open_with(&Config::parse(&desk::config(journal))?, options)?;
    let keys = [1, 2].map(|id| signing::keygen(Suite::HmacSha256, id));
    for (id, key) in (1..).zip(&keys) {
        gateway.add_key(id, key)?;
    }
    let [buyer, seller] = [Signer::new(&keys[0])?, Signer::new(&keys[1])?];
    let order = |side, price| {
        let price = decimal::parse(price).ok_or("a price")?;
        Order::limit("AAPL", side, 10 * UNIT, price).ok_or("an order")
    };
    let mut sequence = 0;
    let mut send = |session_id, signer: &Signer, order: Order| -> Result {
        sequence += 1;
        let sending_time = desk::NOW;
        let order =
            Order { session_id, sequence, client_order_id: sequence, sending_time, ..order };
        gateway.send(&order.sign(signer)?, Duration::from_secs(10))?;
        Ok(())
    };
    send(1, &buyer, order(Side::Buy, "585.00")?)?;
    send(2, &seller, order(Side::Sell, "585.00")?)?;
    send(1, &buyer, order(Side::Buy, "584.00")?)?;
    let terms = *order(Side::Buy, "583.00")?.terms().ok_or("terms")?;
    let replace = Order { request: Request::Replace(3, terms), ..order(Side::Buy, "1")? };
    send(1, &buyer, replace)?;
    send(1, &buyer, Order { request: Request::Cancel(4), ..replace })?;
    send(2, &seller, order(Side::Sell, "900.00")?)?;
    gateway.halt(HaltScope::Session(1))?;
    gateway.retire_key(2, seller.key_id())?;
    gateway.close()?;
    Ok(())
}
