"""A caller: stubs that protoc makes of proto/, on channels with or without certificates."""
import sys
import tempfile
from pathlib import Path

import grpc
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS = 20                    # longer than anything here takes


def make_stubs(folder):
    """Makes the stubs importable: what `python -m grpc_tools.protoc` does."""
    protos = ["tinywindow/encryption.proto", "tinywindow/execution.proto"]
    options = [f"--proto_path={ROOT / 'proto'}", f"--python_out={folder}",
               f"--grpc_python_out={folder}"]
    if protoc.main(["protoc", *options, *protos]) != 0:
        raise SystemExit("protoc takes offence at proto/")
    sys.path.insert(0, folder)


STUBS = tempfile.TemporaryDirectory(prefix="tinywindow-stubs-")     # goes with the process
make_stubs(STUBS.name)
# The wheel has a package of that name too, which finds them beside its own modules.
from tinywindow import (  # noqa: E402
    encryption_pb2, encryption_pb2_grpc, execution_pb2, execution_pb2_grpc)


def channel(port, folder, certificate="desk-1", ca="ca"):
    """A channel that shows one of the certificates in the folder, or none, and trusts a CA."""
    def read(name):
        return (Path(folder) / name).read_bytes()

    shown = (read(f"{certificate}.key"), read(f"{certificate}.pem")) if certificate else ()
    credentials = grpc.ssl_channel_credentials(read(f"{ca}.pem"), *shown)
    options = [("grpc.ssl_target_name_override", "service.example")]
    return grpc.secure_channel(f"127.0.0.1:{port}", credentials, options)


class Client:
    """Both services on one channel."""

    def __init__(self, on_channel):
        self.encryption = encryption_pb2_grpc.EncryptionServiceStub(on_channel)
        self.execution = execution_pb2_grpc.ExecutionAdapterStub(on_channel)

    def keygen(self, **fields):
        return self.encryption.Keygen(encryption_pb2.KeygenRequest(**fields), SECONDS)

    def sign(self, **fields):
        return self.encryption.Sign(encryption_pb2.SignRequest(**fields), SECONDS)

    def verify(self, **fields):
        return self.encryption.Verify(encryption_pb2.VerifyRequest(**fields), SECONDS)

    def send(self, order):
        request = execution_pb2.SendOrderRequest(order_payload=order)
        return self.execution.SendOrder(request, SECONDS)

    def executions(self):
        """A stream that has begun: nothing that happens from now on is missed."""
        stream = self.execution.Completions(execution_pb2.CompletionsRequest(), SECONDS)
        stream.initial_metadata()
        return stream

    def check(self, order):
        request = execution_pb2.PreTradeCheckRequest(order_payload=order)
        return self.execution.PreTradeCheck(request, SECONDS)
