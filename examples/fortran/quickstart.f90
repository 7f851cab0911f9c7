! From a key to a fill, in Fortran.
!
!     gfortran /usr/local/share/tinywindow/fortran/tinywindow.f90 quickstart.f90 -ltinywindow
!     ./a.out
program quickstart
  use, intrinsic :: iso_fortran_env, only: error_unit
  use tinywindow
  implicit none

  integer(c_int64_t), parameter :: unit = 100000000_c_int64_t   ! prices, quantities: exponent -8
  integer(c_int64_t), parameter :: second_ns = 1000000000_c_int64_t
  character(len=*), parameter :: nl = new_line("a")
  character(len=*), parameter :: config = &
    "journal = { kind = 'memory' }" // nl // &
    "venue = { kind = 'paper' }" // nl // &
    "sessions = [{ id = 1 }, { id = 2 }]" // nl // &
    "[[instruments]]" // nl // &
    "symbol = 'AAPL'" // nl // &
    "tick = '0.01'" // nl // &
    "lot = 1" // nl // &
    "max_quantity = 1000" // nl // &
    "max_notional = 1000000" // nl // &
    "max_position = 5000" // nl // &
    "collar_percent = 10" // nl // &
    "reference_price = '585.33'" // nl

  ! What a key is to its owner.
  character(len=TW_KEY_MAX) :: seller, buyer
  integer(c_size_t) :: seller_len, buyer_len
  type(c_ptr) :: gateway = c_null_ptr

  ! Seeds make examples repeatable and are guessable: real keys come from tw_generate.
  call check(tw_keygen(TW_SUITE_ED25519, 1_c_int64_t, seller, TW_KEY_MAX, seller_len))
  call check(tw_keygen(TW_SUITE_ED25519, 2_c_int64_t, buyer, TW_KEY_MAX, buyer_len))
  call sign_and_verify(seller(:seller_len))

  call check(tw_gateway_open(config, len(config, c_size_t), gateway))
  call add_key(1_c_int64_t, seller(:seller_len))
  call add_key(2_c_int64_t, buyer(:buyer_len))

  call send_limit_order(1_c_int64_t, seller(:seller_len), "2", 100_c_int64_t, 58533000000_c_int64_t)
  call send_limit_order(2_c_int64_t, buyer(:buyer_len), "1", 60_c_int64_t, 58540000000_c_int64_t)
  call print_fills(2)
  call check(tw_gateway_close(gateway))
  call tw_gateway_free(gateway)

contains

  subroutine check(status)
    integer(tw_status), intent(in) :: status
    if (status == TW_OK) return
    write (error_unit, "(3a)") tw_string(tw_status_name(status)), ": ", &
      tw_string(tw_status_message(status))
    error stop
  end subroutine

  ! Nanoseconds since 1970 UTC.
  integer(c_int64_t) function now()
    interface
      integer(c_int) function timespec_get(time, base) bind(C)
        import
        integer(c_int64_t), intent(out) :: time(2)
        integer(c_int), value :: base
      end function
    end interface
    integer(c_int64_t) :: time(2)
    if (timespec_get(time, 1_c_int) /= 1) error stop "there is no clock"
    now = time(1) * second_ns + time(2)
  end function

  subroutine sign_and_verify(key)
    character(len=*), intent(in) :: key
    character(len=TW_SIGNATURE_MAX) :: signature
    integer(c_size_t) :: key_len, signature_len
    integer(c_int64_t) :: key_id
    integer(tw_status) :: status
    key_len = len(key)
    call check(tw_key_id(key, key_len, key_id))
    call check(tw_sign(key, key_len, "hello", 5_c_size_t, signature, TW_SIGNATURE_MAX, &
      signature_len))
    call check(tw_verify(key, key_len, "hello", 5_c_size_t, signature, signature_len))
    print "(3a)", "key ", hex(key_id), ' signs "hello": valid'
    status = tw_verify(key, key_len, "hullo", 5_c_size_t, signature, signature_len)
    print "(2a)", 'the same signature on "hullo": ', tw_string(tw_status_name(status))
  end subroutine

  ! A gateway needs no more than the public half.
  subroutine add_key(session_id, key)
    integer(c_int64_t), intent(in) :: session_id
    character(len=*), intent(in) :: key
    character(len=TW_PUBLIC_KEY_MAX) :: half
    integer(c_size_t) :: half_len
    call check(tw_public_key(key, len(key, c_size_t), half, TW_PUBLIC_KEY_MAX, half_len))
    call check(tw_gateway_key_add(gateway, session_id, half, half_len))
  end subroutine

  ! Signs a limit order as the session whose key this is, sends it and prints the answer.
  subroutine send_limit_order(session_id, key, side, quantity, price)
    integer(c_int64_t), intent(in) :: session_id, quantity, price
    character(len=*), intent(in) :: key, side
    type(tw_order) :: order
    type(tw_order_ack) :: ack
    character(len=TW_ORDER_FRAME_MAX) :: frame
    integer(c_size_t) :: frame_len
    order%template_id = TW_TEMPLATE_NEW_ORDER_SINGLE
    order%session_id = session_id
    order%sequence = 1                              ! the session's first
    order%client_order_id = 1
    order%sending_time = now()
    order%symbol = tw_text("AAPL")
    order%side = side
    order%ord_type = "2"                            ! limit
    order%time_in_force = "0"                       ! day
    order%quantity = quantity * unit
    order%price = price
    order%stop_price = TW_PRICE_NONE
    call check(tw_order_sign(key, len(key, c_size_t), order, frame, TW_ORDER_FRAME_MAX, frame_len))

    call check(tw_send_order(gateway, frame, frame_len, second_ns, ack))
    write (*, "(a, 1x, i0, 3a)", advance="no") trim(merge("buy ", "sell", side == "1")), quantity, &
      " AAPL at ", decimal(price), ": "
    if (ack%accepted == 1) then
      print "(a, i0)", "accepted, order ", ack%order_id
    else
      print "(2a)", "rejected, ", tw_string(tw_reason_name(ack%reason))
    end if
  end subroutine

  subroutine print_fills(fills)
    integer, intent(in) :: fills
    type(tw_completion) :: completion(1)
    integer(c_size_t) :: count
    integer :: seen
    seen = 0
    do while (seen < fills)
      call check(tw_gateway_poll(gateway, completion, 1_c_size_t, second_ns, count))
      if (count == 0) call check(TW_ERR_TIMEOUT)
      associate (fill => completion(1))
        if (fill%kind /= TW_COMPLETION_EXECUTION .or. fill%exec_type /= "F") cycle
        print "(a, i0, a, i0, 3a, i0, a)", "fill of order ", fill%order_id, ": ", &
          fill%last_quantity / unit, " at ", decimal(fill%last_price), ", ", &
          fill%leaves_quantity / unit, " left"
      end associate
      seen = seen + 1
    end do
  end subroutine

  function hex(number) result(text)
    integer(c_int64_t), intent(in) :: number
    character(len=16) :: text
    integer :: i
    write (text, "(z16.16)") number
    do i = 1, 16
      if (text(i:i) >= "A") text(i:i) = achar(iachar(text(i:i)) + 32)
    end do
  end function

  ! A price above 0 with two decimals.
  function decimal(price) result(text)
    integer(c_int64_t), intent(in) :: price
    character(len=:), allocatable :: text
    character(len=24) :: buffer
    write (buffer, "(i0, a, i2.2)") price / unit, ".", mod(price, unit) / 1000000
    text = trim(buffer)
  end function
end program
