"""From a key to a fill, in Python.

Build the wheel and install it first, as bindings/python/README.md says.
"""
import tinywindow as tw

CONFIG = """
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
"""


def sign_and_verify(key):
    signature = tw.sign(key, b"hello")
    valid = tw.verify(key, b"hello", signature)
    print(f'key {tw.key_id(key):016x} signs "hello": {"valid" if valid else "not valid"}')
    valid = tw.verify(key, b"hullo", signature)
    print(f'the same signature on "hullo": {"TW_OK" if valid else "TW_ERR_SIGNATURE"}')


def send(gateway, session_id, signer, side, quantity, price):
    """Sign a limit order as the session whose key this is, send it and print the answer."""
    order = tw.Order.new(session_id=session_id, sequence=1, client_order_id=1, symbol="AAPL",
                         side=side, quantity=quantity, price=price)
    ack = gateway.send_order(order.sign(signer), timeout=1.0)
    print(f"{side.name.lower()} {order.quantity:.0f} AAPL at {order.price:.2f}:",
          f"accepted, order {ack.order_id}" if ack.accepted
          else f"rejected, {ack.reason.name.lower()}")


def print_fills(gateway, fills):
    while fills:
        completions = gateway.poll(timeout=1.0)
        if not completions:
            raise TimeoutError("no fill came")
        for completion in completions:
            if isinstance(completion, tw.Execution) and completion.exec_type is tw.ExecType.TRADE:
                print(f"fill of order {completion.order_id}: {completion.last_quantity:.0f} at "
                      f"{completion.last_price:.2f}, {completion.leaves_quantity:.0f} left")
                fills -= 1


def main():
    # Seeds make examples repeatable and are guessable: real keys come from tw.generate().
    seller = tw.keygen(1, tw.Suite.ED25519)
    buyer = tw.keygen(2, tw.Suite.ED25519)
    sign_and_verify(seller)

    with tw.Gateway(CONFIG) as gateway, tw.Signer(seller) as sells, tw.Signer(buyer) as buys:
        gateway.add_key(1, tw.public_key(seller))
        gateway.add_key(2, tw.public_key(buyer))
        send(gateway, 1, sells, tw.Side.SELL, 100, "585.33")
        send(gateway, 2, buys, tw.Side.BUY, 60, "585.40")
        print_fills(gateway, 2)


if __name__ == "__main__":
    main()
