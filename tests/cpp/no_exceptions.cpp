// The layer under -fno-exceptions: results work, and value() without a value ends the program.
#include <tinywindow/tinywindow.hpp>

#include <csignal>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tw = tinywindow;

int main() {
  const tw::Result<tw::SecretBytes> key = tw::keygen(1, tw::Suite::ed25519);
  if (!key) return 1;
  if (!tw::Signer::create(key.value())) return 2;
  const tw::Result<tw::PublicKey> none = tw::public_key(tw::Bytes());
  if (none.status() != tw::Status::key) return 3;

  int told = 0;
  if (!tw::set_log_sink([&](const tw::LogEvent&) { ++told; })) return 6;
  if (!tw::Gateway::open("journal.kind='memory'\nvenue.kind='paper'")) return 7;
  if (!tw::set_log_sink(nullptr) || told != 2) return 8;

  const pid_t child = fork();
  if (child == 0) {
    const rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    static_cast<void>(none.value());
    _exit(0);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child) return 4;
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT ? 0 : 5;
}
