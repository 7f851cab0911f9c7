//! From a key to a fill, in Rust.
//!
//!     cargo run --example quickstart

use std::time::{Duration, SystemTime};

use tinywindow::decimal;
use tinywindow::gateway::{Completion, ExecType, Gateway};
use tinywindow::order::{Order, Side, UNIT};
use tinywindow::signing::{self, Signer, Suite};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const CONFIG: &str = r#"
    journal = { kind = "memory" }
    venue = { kind = "paper" }
    sessions = [{ id = 1 }, { id = 2 }]
    [[instruments]]
    symbol = "AAPL"
    tick = "0.01"
    lot = 1
    max_quantity = 1000
    max_notional = 1000000
    max_position = 5000
    collar_percent = 10
    reference_price = "585.33"
"#;

fn sign_and_verify(key: &[u8]) -> Result {
    let signature = tinywindow::sign(key, b"hello")?;
    let verdict = |valid| if valid { "valid" } else { "TW_ERR_SIGNATURE" };
    let id = signing::key_id(key)?;
    let valid = verdict(tinywindow::verify(key, b"hello", &signature));
    println!("key {id:016x} signs \"hello\": {valid}");
    let valid = verdict(tinywindow::verify(key, b"hullo", &signature));
    println!("the same signature on \"hullo\": {valid}");
    Ok(())
}

/// Signs a limit order as the session whose key this is, sends it and prints the answer.
fn send(gateway: &Gateway, session_id: u64, signer: &Signer, order: Order) -> Result {
    let sending_time = SystemTime::UNIX_EPOCH.elapsed()?.as_nanos() as u64;
    let order = Order { session_id, sequence: 1, client_order_id: 1, sending_time, ..order };
    let ack = gateway.send(&order.sign(signer)?, Duration::from_secs(1))?;
    let side = if order.side == Side::Buy { "buy" } else { "sell" };
    let terms = order.terms().ok_or("a limit order has terms")?;
    let price = terms.price.ok_or("a limit order has a price")? as f64 / UNIT as f64;
    let outcome = match ack.reason {
        None => format!("accepted, order {}", ack.order_id),
        Some(reason) => format!("rejected, {reason}"),
    };
    println!("{side} {} AAPL at {price:.2}: {outcome}", terms.quantity / UNIT);
    Ok(())
}

fn print_fills(gateway: &Gateway, mut fills: usize) -> Result {
    while fills > 0 {
        let mut completions = Vec::new();
        if gateway.poll(&mut completions, 16, Duration::from_secs(1))? == 0 {
            return Err("no fill came".into());
        }
        for completion in completions {
            let Completion::Execution { execution, .. } = completion else { continue };
            if execution.exec_type == ExecType::Trade {
                println!(
                    "fill of order {}: {} at {}, {} left",
                    execution.order_id,
                    execution.last_quantity / UNIT,
                    decimal::format(execution.last_price),
                    execution.leaves_quantity / UNIT,
                );
                fills -= 1;
            }
        }
    }
    Ok(())
}

fn main() -> Result {
    // Seeds make examples repeatable and are guessable: real keys come from signing::generate.
    let seller = signing::keygen(Suite::Ed25519, 1);
    let buyer = signing::keygen(Suite::Ed25519, 2);
    sign_and_verify(&seller)?;

    let gateway = Gateway::open(CONFIG)?;
    gateway.add_key(1, &signing::public_key(&seller)?)?;
    gateway.add_key(2, &signing::public_key(&buyer)?)?;
    let order = |side, quantity, price| {
        Order::limit("AAPL", side, quantity * UNIT, price).ok_or("AAPL is a symbol")
    };
    send(&gateway, 1, &Signer::new(&seller)?, order(Side::Sell, 100, 58_533_000_000)?)?;
    send(&gateway, 2, &Signer::new(&buyer)?, order(Side::Buy, 60, 58_540_000_000)?)?;
    print_fills(&gateway, 2)?;
    gateway.close()?;
    Ok(())
}
