"""The gateway that orders from Python are measured with: none of its limits stands in their way."""
SESSION = 7
CONFIG = """
journal.kind = "memory"
venue.kind = "paper"
throttle = { per_second = 1000000000, burst = 1000000000 }
[[sessions]]
id = 7
per_second = 1000000000
burst = 1000000000
max_open_orders = 1000000
[[instruments]]
symbol = "AAPL"
reference_price = 100
tick = "0.01"
lot = 1
max_quantity = 100000
max_notional = 100000000
max_position = 1000000000
collar_percent = 10
"""
