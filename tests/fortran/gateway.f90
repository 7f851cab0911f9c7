! A gateway from Fortran: whatever passes the boundary in another way than in the quickstart.
! Handles, arguments left out, ids of 64 bits, tables of structs, batches.
module log_sink
  use tinywindow
  implicit none
  integer :: opened = 0, halted = 0, others = 0

contains

  subroutine tell(user, record) bind(C)
    type(c_ptr), value :: user
    type(tw_log_record), intent(in) :: record
    character(kind=c_char), pointer :: message(:)
    if (c_associated(user)) error stop "nothing was to be passed on"
    call c_f_pointer(record%message%data, message, [record%message%len])
    if (text(message) == "gateway opened" .and. record%level == TW_LOG_INFO) then
      opened = opened + 1
    else if (text(message) == "halted" .and. record%level == TW_LOG_WARN) then
      halted = halted + 1
    else
      others = others + 1
    end if
  end subroutine

  function text(characters)
    character(kind=c_char), intent(in) :: characters(:)
    character(len=size(characters)) :: text
    text = transfer(characters, text)
  end function
end module

program gateway_test
  use tinywindow
  use log_sink
  implicit none

  character(len=*), parameter :: nl = new_line("a")
  character(len=*), parameter :: config = &
    "journal = { kind = 'memory' }" // nl // &
    "venue = { kind = 'paper' }" // nl // &
    "sessions = [{ id = 1099511627777 }]" // nl
  integer(c_int64_t), parameter :: session = 1099511627777_c_int64_t     ! above 32 bits
  integer(c_int64_t), parameter :: unit = 100000000_c_int64_t
  integer(c_int64_t), parameter :: second_ns = 1000000000_c_int64_t

  integer :: passed = 0, failed = 0
  character(len=TW_KEY_MAX) :: key
  integer(c_size_t) :: key_len
  type(c_ptr) :: gateway = c_null_ptr, signer = c_null_ptr
  character(len=TW_ORDER_FRAME_MAX) :: frame
  integer(c_size_t) :: frame_len
  integer(c_int64_t) :: sequence = 0
  character(len=TW_METRICS_TEXT_MAX) :: metrics
  integer(c_size_t) :: metrics_len

  call check_status("sink", tw_log_set(c_funloc(tell), c_null_ptr, TW_LOG_INFO), TW_OK)
  call versions
  call arguments_left_out
  call batch
  call opening
  call halt_and_resume
  call send_retry_and_status
  call submit_and_poll
  call ending
  call told
  call counters
  print "(a, i0, a, i0, a)", "fortran gateway: ", passed, " passed, ", failed, " failed"
  if (failed > 0 .or. passed < 83) stop 1

contains

  subroutine check(what, ok)
    character(len=*), intent(in) :: what
    logical, intent(in) :: ok
    if (ok) then
      passed = passed + 1
    else
      failed = failed + 1
      print "(2a)", "failed: ", what
    end if
  end subroutine

  subroutine check_status(what, got, expected)
    character(len=*), intent(in) :: what
    integer(tw_status), intent(in) :: got, expected
    call check(what // ": " // tw_string(tw_status_name(got)), got == expected)
  end subroutine

  subroutine versions
    call check("ABI", tw_abi_version_loaded() == TW_ABI_VERSION)
    call check("name of a suite", tw_string(tw_suite_name(TW_SUITE_ED25519)) == "ed25519")
    call check("no name", tw_string(tw_suite_name(99_c_int32_t)) == "")
    call check("size of a function", tw_signature_size(TW_SUITE_ED25519) == 64)
    call check("text of 16", index(tw16("ABCDEFGHIJKLMNOP"), "P") == 16)
    call check("text that ends", index(tw16("AAPL"), c_null_char) == 5)
    call check("text too long", tw16("ABCDEFGHIJKLMNOPQ") == " ")
  end subroutine

  character(len=16) function tw16(text)
    character(len=*), intent(in) :: text
    tw16 = transfer(tw_text(text), tw16)
  end function

  ! What is left out is NULL.
  subroutine arguments_left_out
    character(len=8) :: small
    integer(c_size_t) :: length
    call check_status("keygen", tw_keygen(TW_SUITE_HMAC_SHA256, 7_c_int64_t, key, TW_KEY_MAX, &
      key_len), TW_OK)
    length = 0
    call check_status("size", tw_sign(key, key_len, "abc", 3_c_size_t, sig_cap=0_c_size_t, &
      sig_len=length), TW_OK)
    call check("size", length == 32)
    small = "as it is"
    length = 0
    call check_status("small", tw_sign(key, key_len, "abc", 3_c_size_t, small, 8_c_size_t, &
      length), TW_ERR_BUFFER)
    call check("need", length == 32)
    call check("untouched", small == "as it is")
    call check_status("no payload", tw_sign(key, key_len, payload_len=0_c_size_t, &
      sig_cap=0_c_size_t, sig_len=length), TW_OK)
    call check_status("NULL", tw_sign(key, key_len, payload_len=1_c_size_t, sig_cap=0_c_size_t, &
      sig_len=length), TW_ERR_NULL)
  end subroutine

  subroutine batch
    character(len=3), target :: texts(2) = ["one", "two"]
    character(len=32), target :: sigs(2)
    type(tw_bytes) :: payloads(2), signatures(2)
    integer(tw_status) :: results(2)
    integer(c_size_t) :: sigs_len
    type(c_ptr) :: verifier
    integer :: i
    do i = 1, 2
      payloads(i) = tw_bytes(c_loc(texts(i)), 3)
      signatures(i) = tw_bytes(c_loc(sigs(i)), 32)
    end do
    call check_status("signer", tw_signer_new(key, key_len, signer), TW_OK)
    call check_status("verifier", tw_verifier_new(key, key_len, verifier), TW_OK)
    call check_status("sign", tw_signer_sign_batch(signer, payloads, 2_c_size_t, sigs(1), &
      64_c_size_t, sigs_len, results), TW_OK)
    call check("both signed", sigs_len == 64 .and. all(results == TW_OK))
    call check_status("verify one", tw_verify(key, key_len, "two", 3_c_size_t, sigs(2), &
      32_c_size_t), TW_OK)
    signatures(2)%data = c_loc(sigs(1))
    call check_status("verify", tw_verifier_verify_batch(verifier, payloads, signatures, &
      2_c_size_t, results), TW_ERR_SIGNATURE)
    call check("each result", results(1) == TW_OK .and. results(2) == TW_ERR_SIGNATURE)
    call tw_verifier_free(verifier)
  end subroutine

  subroutine opening
    character(len=256) :: message
    integer(c_size_t) :: length
    type(tw_instrument) :: instrument
    type(tw_session_key) :: keys(4)
    call check_status("bad", tw_gateway_open("x", 1_c_size_t, gateway), TW_ERR_CONFIG)
    call check("no handle", .not. c_associated(gateway))
    call check_status("why", tw_config_check("x", 1_c_size_t, message, 256_c_size_t, length), &
      TW_ERR_CONFIG)
    call check("line", index(message(:length), "line 1, column ") == 1)
    call check_status("open", tw_gateway_open(config, len(config, c_size_t), gateway), TW_OK)
    call check_status("key", tw_gateway_key_add(gateway, session, key, key_len), TW_OK)
    call check_status("keys", tw_gateway_keys(gateway, session, keys, 4_c_size_t, length), TW_OK)
    call check("one key", length == 1 .and. keys(1)%state == TW_KEY_ACTIVE &
      .and. keys(1)%suite == TW_SUITE_HMAC_SHA256)
    instrument = tw_instrument(symbol=tw_text("MSFT"), tick=unit / 100, lot=unit, &
      max_quantity=TW_UNLIMITED, max_notional=TW_UNLIMITED, max_position=TW_UNLIMITED, &
      locate=TW_UNLIMITED, collar_basis_points=-1, last_trade_collar_basis_points=-1, &
      sides=int(b"110"), order_types=int(b"110"), times_in_force=int(b"1"))
    call check_status("instrument", tw_gateway_instrument_set(gateway, instrument), TW_OK)
    call check_status("text too long", sign_order("MICROSOFTMICROSOFT"), TW_ERR_ORDER)
    sequence = 0
  end subroutine

  integer(tw_status) function sign_order(symbol)
    character(len=*), intent(in) :: symbol
    type(tw_order) :: order
    sequence = sequence + 1
    order%template_id = TW_TEMPLATE_NEW_ORDER_SINGLE
    order%session_id = session
    order%sequence = sequence
    order%client_order_id = session + sequence
    order%sending_time = now()
    order%symbol = tw_text(symbol)
    order%side = "1"
    order%ord_type = "2"
    order%time_in_force = "0"
    order%quantity = 3 * unit
    order%price = 50 * unit
    order%stop_price = TW_PRICE_NONE
    sign_order = tw_signer_order_sign(signer, order, frame, TW_ORDER_FRAME_MAX, frame_len)
  end function

  integer(c_int64_t) function now()
    interface
      integer(c_int) function timespec_get(time, base) bind(C)
        import
        integer(c_int64_t), intent(out) :: time(2)
        integer(c_int), value :: base
      end function
    end interface
    integer(c_int64_t) :: time(2)
    call check("clock", timespec_get(time, 1_c_int) == 1)
    now = time(1) * second_ns + time(2)
  end function

  integer(tw_status) function send(ack)
    type(tw_order_ack), intent(out) :: ack
    send = tw_send_order(gateway, frame, frame_len, second_ns, ack)
  end function

  subroutine halt_and_resume
    type(tw_order_ack) :: ack
    call check_status("halt", tw_gateway_halt(gateway, TW_HALT_SESSION, session, &
      name_len=0_c_size_t), TW_OK)
    call check_status("sign", sign_order("MSFT"), TW_OK)
    call check_status("send", send(ack), TW_OK)
    call check("rejected", ack%accepted == 0)
    call check("reason", tw_string(tw_reason_name(ack%reason)) == "halted_session")
    call check_status("resume", tw_gateway_resume(gateway, TW_HALT_SESSION, session, &
      name_len=0_c_size_t), TW_OK)
  end subroutine

  subroutine send_retry_and_status
    type(tw_order_ack) :: ack, again
    type(tw_order_state) :: state
    call check_status("sign", sign_order("MSFT"), TW_OK)
    call check_status("send", send(ack), TW_OK)
    call check("accepted", ack%accepted == 1 .and. ack%duplicate == 0)
    call check("ids", ack%session_id == session .and. ack%client_order_id == session + sequence)
    call check_status("again", send(again), TW_OK)
    call check("the same", again%duplicate == 1 .and. again%order_id == ack%order_id)
    call check_status("status", tw_order_status(gateway, session, session + sequence, state), &
      TW_OK)
    call check("open", state%ord_status == "0" .and. state%leaves_quantity == 3 * unit)
    call check("price", state%price == 50 * unit)
    call check_status("no such order", tw_order_status(gateway, session, 1_c_int64_t, state), &
      TW_ERR_NOT_FOUND)
  end subroutine

  ! The ack and the executions of two orders, in one table.
  subroutine submit_and_poll
    type(tw_completion) :: completions(8)
    integer(c_int64_t), parameter :: tag = -2
    integer(c_size_t) :: count
    integer :: i
    call check_status("sign", sign_order("MSFT"), TW_OK)
    call check_status("submit", tw_gateway_submit(gateway, frame, frame_len, tag), TW_OK)
    call check_status("poll", tw_gateway_poll(gateway, completions, 8_c_size_t, second_ns, &
      count), TW_OK)
    call check("two new and an ack", count == 3)
    call check("numbered", all(completions(2:3)%number == completions(1:2)%number + 1))
    do i = 1, 3
      if (completions(i)%kind == TW_COMPLETION_ACK) then
        call check("ack", completions(i)%tag == tag .and. completions(i)%accepted == 1)
      else
        call check("new", completions(i)%exec_type == "0" &
          .and. completions(i)%session_id == session)
      end if
    end do
  end subroutine

  subroutine ending
    type(tw_order_ack) :: ack
    call check_status("sign", sign_order("MSFT"), TW_OK)
    call check_status("close", tw_gateway_close(gateway), TW_OK)
    call check_status("send", send(ack), TW_ERR_CLOSED)
    call tw_gateway_free(gateway)
    call tw_gateway_free(c_null_ptr)
    call tw_signer_free(signer)
  end subroutine

  ! The log events, by the sink that was set at first; then it is silent.
  subroutine told
    type(c_ptr) :: another
    call check("one gateway opened, one session halted", opened == 1 .and. halted == 1)
    call check("key added, resumed, gateway closed", others == 3)
    call check_status("silence", tw_log_set(c_null_funptr, c_null_ptr, TW_LOG_INFO), TW_OK)
    call check_status("open", tw_gateway_open(config, len(config, c_size_t), another), TW_OK)
    call tw_gateway_free(another)
    call check("not told", opened == 1)
  end subroutine

  ! What this program did, and nothing else, is what the library has counted.
  subroutine counters
    call check_status("metrics", tw_metrics_text(metrics, TW_METRICS_TEXT_MAX, metrics_len), TW_OK)
    call counted('encryption_keygen_total{status="success"} 1')
    call counted('encryption_sign_total{status="success"} 6')
    call counted('encryption_verify_total{status="success",result="valid"} 7')
    call counted('encryption_verify_total{status="success",result="invalid"} 1')
    call counted('encryption_verify_total{status="error",result="invalid"} 0')
    call counted('exec_orders_total{status="accepted"} 2')
    call counted('exec_orders_total{status="rejected"} 1')
    call counted('exec_rejections_total{reason="halted_session"} 1')
    call counted('exec_retries_total 1')
    call counted('exec_errors_total{type="connection"} 1')
    call counted('exec_refusals_total{status="TW_ERR_CLOSED"} 1')
    call counted('exec_gateways 0')
  end subroutine

  ! That the metrics have a line with this series and number.
  subroutine counted(metric)
    character(len=*), intent(in) :: metric
    call check(metric, index(metrics(:metrics_len), nl // "tinywindow_" // metric // nl) > 0)
  end subroutine
end program
