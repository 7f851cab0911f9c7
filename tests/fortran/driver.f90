! Answers the driver protocol of tests/python/baseline.py from Fortran, so that the one conformance
! suite runs through the module.
program driver
  use, intrinsic :: iso_fortran_env, only: iostat_end
  use tinywindow
  implicit none

  integer, parameter :: line_max = 20000
  integer, parameter :: words_max = 15
  character(len=*), parameter :: hex_digits = "0123456789abcdef"

  ! The words after the command; each is line(first(i):last(i)).
  character(len=line_max) :: line
  integer :: first(words_max), last(words_max)

  character(len=line_max) :: result
  integer(c_size_t), parameter :: result_cap = line_max
  integer(c_size_t) :: result_len = 0
  integer :: status

  do
    read (*, "(a)", iostat=status) line
    if (status == iostat_end) exit
    if (status /= 0 .or. line(line_max:) /= " ") call broken
    call answer
  end do

contains

  ! A line that is no command: the driver's own error, never a case's answer.
  subroutine broken
    print "(2a)", "error DRIVER cannot read ", line(:80)
    stop 1
  end subroutine

  subroutine answer
    integer :: command_end, count
    command_end = index(line, " ") - 1
    call split(command_end + 2, count)
    select case (line(:command_end))
    case ("keygen");         call expect(count, 2); call keygen
    case ("entropy");        call expect(count, 2); call entropy(unhex(2))
    case ("import");         call expect(count, 4); call import_key(unhex(4))
    case ("public");         call expect(count, 1); call public_half(unhex(1))
    case ("keyid");          call expect(count, 1); call key_id_of(unhex(1))
    case ("sign");           call expect(count, 2); call sign(unhex(1), unhex(2))
    case ("verify");         call expect(count, 3); call verify(unhex(1), unhex(2), unhex(3))
    case ("sign_context")
      call expect(count, 3)
      call sign_context(unhex(1), unhex(2), unhex(3))
    case ("verify_context")
      call expect(count, 4)
      call verify_context(unhex(1), unhex(2), unhex(3), unhex(4))
    case ("order_sign");     call expect(count, 15); call order_sign(unhex(1))
    case ("order_decode");   call expect(count, 1); call order_decode(unhex(1))
    case default;            call broken
    end select
  end subroutine

  subroutine split(start, count)
    integer, intent(in) :: start
    integer, intent(out) :: count
    integer :: position
    position = start
    count = 0
    do while (line(position:) /= " ")
      if (count == words_max) call broken
      count = count + 1
      first(count) = position
      last(count) = position + index(line(position:), " ") - 2
      position = last(count) + 2
    end do
  end subroutine

  subroutine expect(count, expected)
    integer, intent(in) :: count, expected
    if (count /= expected) call broken
  end subroutine

  ! --- Words -------------------------------------------------------------------------------------

  function word(i) result(text)
    integer, intent(in) :: i
    character(len=:), allocatable :: text
    text = line(first(i):last(i))
  end function

  function unhex(i) result(bytes)
    integer, intent(in) :: i
    character(len=:), allocatable :: bytes
    integer :: at, k, high, low
    bytes = ""
    if (word(i) == "-") return
    if (mod(last(i) - first(i), 2) == 0) call broken
    bytes = repeat(" ", (last(i) - first(i) + 1) / 2)
    do k = 1, len(bytes)
      at = first(i) + 2 * (k - 1)
      high = index(hex_digits, line(at:at)) - 1
      low = index(hex_digits, line(at + 1:at + 1)) - 1
      if (high < 0 .or. low < 0) call broken
      bytes(k:k) = achar(16 * high + low)
    end do
  end function

  ! An unsigned number in 64 bits, which Fortran calls negative from 2**63 on.
  integer(c_int64_t) function unsigned(i) result(number)
    integer, intent(in) :: i
    integer :: at
    number = 0
    do at = first(i), last(i)
      number = number * 10 + index("0123456789", line(at:at)) - 1
    end do
  end function

  integer(c_int64_t) function price_of(i) result(price)
    integer, intent(in) :: i
    price = TW_PRICE_NONE
    if (word(i) /= "none") read (line(first(i):last(i)), *) price
  end function

  function text_of(i) result(field)
    integer, intent(in) :: i
    character(kind=c_char) :: field(16)
    if (last(i) - first(i) >= 16) call broken
    field = tw_text(word(i))
    if (word(i) == "-") field = c_null_char
  end function

  character(kind=c_char) function character_of(i) result(char)
    integer, intent(in) :: i
    char = line(first(i):first(i))
    if (word(i) == "-") char = c_null_char
  end function

  integer(tw_status) function suite_of(i, suite)
    integer, intent(in) :: i
    integer(c_int32_t), intent(out) :: suite
    suite_of = tw_suite_from_name(word(i), len(word(i), c_size_t), suite)
  end function

  ! --- Answers -----------------------------------------------------------------------------------

  subroutine answer_error(status)
    integer(tw_status), intent(in) :: status
    print "(2a)", "error ", tw_string(tw_status_name(status))
  end subroutine

  subroutine answer_result(status)
    integer(tw_status), intent(in) :: status
    if (status == TW_OK) then
      print "(2a)", "ok ", hex(result(:result_len))
    else
      call answer_error(status)
    end if
  end subroutine

  subroutine answer_validity(status)
    integer(tw_status), intent(in) :: status
    select case (status)
    case (TW_OK);            print "(a)", "ok valid"
    case (TW_ERR_SIGNATURE); print "(a)", "ok invalid"
    case default;            call answer_error(status)
    end select
  end subroutine

  function hex(bytes) result(text)
    character(len=*), intent(in) :: bytes
    character(len=:), allocatable :: text
    integer :: i, high, low
    text = "-"
    if (len(bytes) == 0) return
    text = repeat(" ", 2 * len(bytes))
    do i = 1, len(bytes)
      high = iachar(bytes(i:i)) / 16 + 1
      low = mod(iachar(bytes(i:i)), 16) + 1
      text(2 * i - 1:2 * i) = hex_digits(high:high) // hex_digits(low:low)
    end do
  end function

  ! As keys are shown: big-endian, whatever the machine is.
  function id_hex(number) result(text)
    integer(c_int64_t), intent(in) :: number
    character(len=16) :: text
    integer :: i, digit
    do i = 1, 16
      digit = int(ibits(number, 64 - 4 * i, 4)) + 1
      text(i:i) = hex_digits(digit:digit)
    end do
  end function

  ! --- Keys --------------------------------------------------------------------------------------

  subroutine keygen
    integer(tw_status) :: status
    integer(c_int32_t) :: suite
    status = suite_of(1, suite)
    if (status == TW_OK) status = tw_keygen(suite, unsigned(2), result, result_cap, result_len)
    call answer_result(status)
  end subroutine

  subroutine entropy(bytes)
    character(len=*), intent(in) :: bytes
    integer(tw_status) :: status
    integer(c_int32_t) :: suite
    status = suite_of(1, suite)
    if (status == TW_OK) status = tw_keygen_from_entropy(suite, bytes, len(bytes, c_size_t), &
      result, result_cap, result_len)
    call answer_result(status)
  end subroutine

  subroutine import_key(material)
    character(len=*), intent(in) :: material
    integer(tw_status) :: status
    integer(c_int32_t) :: suite
    status = suite_of(1, suite)
    if (status == TW_OK) status = tw_key_import(suite, int(unsigned(2), c_int32_t), &
      int(unsigned(3), c_int32_t), material, len(material, c_size_t), result, result_cap, &
      result_len)
    call answer_result(status)
  end subroutine

  subroutine public_half(key)
    character(len=*), intent(in) :: key
    call answer_result(tw_public_key(key, len(key, c_size_t), result, result_cap, result_len))
  end subroutine

  subroutine key_id_of(key)
    character(len=*), intent(in) :: key
    integer(tw_status) :: status
    integer(c_int64_t) :: id
    status = tw_key_id(key, len(key, c_size_t), id)
    if (status == TW_OK) then
      print "(2a)", "ok ", id_hex(id)
    else
      call answer_error(status)
    end if
  end subroutine

  ! --- Signatures --------------------------------------------------------------------------------

  subroutine sign(key, payload)
    character(len=*), intent(in) :: key, payload
    call answer_result(tw_sign(key, len(key, c_size_t), payload, len(payload, c_size_t), &
      result, result_cap, result_len))
  end subroutine

  subroutine sign_context(key, context, payload)
    character(len=*), intent(in) :: key, context, payload
    call answer_result(tw_sign_with_context(key, len(key, c_size_t), context, &
      len(context, c_size_t), payload, len(payload, c_size_t), result, result_cap, result_len))
  end subroutine

  subroutine verify(key, payload, sig)
    character(len=*), intent(in) :: key, payload, sig
    call answer_validity(tw_verify(key, len(key, c_size_t), payload, len(payload, c_size_t), &
      sig, len(sig, c_size_t)))
  end subroutine

  subroutine verify_context(key, context, payload, sig)
    character(len=*), intent(in) :: key, context, payload, sig
    call answer_validity(tw_verify_with_context(key, len(key, c_size_t), context, &
      len(context, c_size_t), payload, len(payload, c_size_t), sig, len(sig, c_size_t)))
  end subroutine

  ! --- Orders ------------------------------------------------------------------------------------

  subroutine order_sign(key)
    character(len=*), intent(in) :: key
    type(tw_order) :: order
    order%template_id = int(unsigned(2), c_int32_t)
    order%sequence = unsigned(3)
    order%sending_time = unsigned(4)
    order%client_order_id = unsigned(5)
    order%orig_client_order_id = unsigned(6)
    order%session_id = unsigned(7)
    order%price = price_of(8)
    order%stop_price = price_of(9)
    order%quantity = unsigned(10)
    order%symbol = text_of(11)
    order%account = text_of(12)
    order%side = character_of(13)
    order%ord_type = character_of(14)
    order%time_in_force = character_of(15)
    call answer_result(tw_order_sign(key, len(key, c_size_t), order, result, result_cap, &
      result_len))
  end subroutine

  subroutine order_decode(frame)
    character(len=*), intent(in) :: frame
    type(tw_order) :: order
    integer(tw_status) :: status
    integer(c_size_t) :: signed_len
    status = tw_order_decode(frame, len(frame, c_size_t), order, signed_len)
    if (status /= TW_OK) then
      call answer_error(status)
      return
    end if
    print "(*(a, :, ' '))", "ok", decimal(int(order%template_id, c_int64_t)), &
      decimal(order%sequence), decimal(order%sending_time), decimal(order%client_order_id), &
      decimal(order%orig_client_order_id), decimal(order%session_id), id_hex(order%key_id), &
      price_text(order%price), price_text(order%stop_price), decimal(order%quantity), &
      text(order%symbol), text(order%account), text([order%side]), text([order%ord_type]), &
      text([order%time_in_force]), hex(frame(signed_len + 3:))
  end subroutine

  function price_text(price) result(text)
    integer(c_int64_t), intent(in) :: price
    character(len=:), allocatable :: text
    character(len=24) :: buffer
    write (buffer, "(i0)") price
    text = trim(buffer)
    if (price == TW_PRICE_NONE) text = "none"
  end function

  ! All 64 bits are the number, none is a sign.
  function decimal(number) result(text)
    integer(c_int64_t), intent(in) :: number
    character(len=:), allocatable :: text
    character(len=24) :: buffer
    integer(c_int64_t) :: tenth
    tenth = shiftr(number, 1) / 5
    write (buffer, "(i0)") number - 10 * tenth
    if (tenth > 0) write (buffer, "(2i0)") tenth, number - 10 * tenth
    text = trim(buffer)
  end function

  function text(field)
    character(kind=c_char), intent(in) :: field(:)
    character(len=:), allocatable :: text
    text = repeat(" ", size(field))
    text = transfer(field, text)
    if (index(text, c_null_char) > 0) text = text(:index(text, c_null_char) - 1)
    if (text == "") text = "-"
  end function
end program
