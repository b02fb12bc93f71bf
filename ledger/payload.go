package ledger

import (
	"encoding/json"
	"fmt"
)

// fits reports whether a payload is the struct that belongs to the kind.
func fits(kind Kind, payload any) bool {
	switch payload.(type) {
	case TillStarted:
		return kind == KindTillStarted
	case TillStopped:
		return kind == KindTillStopped
	case OperatorSeen:
		return kind == KindLogin || kind == KindLoginRefused || kind == KindLogout
	case Approval:
		return kind == KindApproval
	case ShiftOpened:
		return kind == KindShiftOpened
	case ShiftCash:
		return kind == KindShiftCash
	case ShiftClosed:
		return kind == KindShiftClosed
	case ZMade:
		return kind == KindZ
	case SaleOpened:
		return kind == KindSaleOpened
	case LineAdded:
		return kind == KindLineAdded
	case LineChanged:
		return kind == KindLineChanged
	case LineRemoved:
		return kind == KindLineRemoved
	case Discounted:
		return kind == KindDiscounted
	case SaleMoved:
		return kind == KindSaleHeld || kind == KindSaleRecalled || kind == KindSaleVoided || kind == KindSaleDone
	}
	return fitsMoney(kind, payload)
}

func fitsMoney(kind Kind, payload any) bool {
	switch payload.(type) {
	case PaymentStarted:
		return kind == KindPaymentStarted
	case PaymentMoved:
		return kind == KindPaymentMoved
	case RefundStarted:
		return kind == KindRefundStarted
	case RefundMoved:
		return kind == KindRefundMoved
	case ReceiptQueued:
		return kind == KindReceiptQueued
	case ReceiptBegun:
		return kind == KindReceiptBegun
	case ReceiptPrinted:
		return kind == KindReceiptPrinted
	case HoldStarted:
		return kind == KindHoldStarted
	case HoldMoved:
		return kind == KindHoldMoved
	case DrawerOpened:
		return kind == KindDrawerOpened
	case CardsSettled:
		return kind == KindCardsSettled
	case SettingsChanged:
		return kind == KindSettingsChanged
	case Note:
		return kind == KindNote
	case PrepaidIssued:
		return kind == KindPrepaidIssued
	case PrepaidChanged:
		return isPrepaidChange(kind)
	}
	return false
}

// read gives the entry's payload as the struct of its kind.
func (e *Entry) read() (any, error) {
	switch e.Kind {
	case KindShiftOpened:
		return as[ShiftOpened](e)
	case KindShiftCash:
		return as[ShiftCash](e)
	case KindShiftClosed:
		return as[ShiftClosed](e)
	case KindZ:
		return as[ZMade](e)
	case KindSaleOpened:
		return as[SaleOpened](e)
	case KindLineAdded:
		return as[LineAdded](e)
	case KindLineChanged:
		return as[LineChanged](e)
	case KindLineRemoved:
		return as[LineRemoved](e)
	case KindDiscounted:
		return as[Discounted](e)
	case KindSaleHeld, KindSaleRecalled, KindSaleVoided, KindSaleDone:
		return as[SaleMoved](e)
	case KindPaymentStarted:
		return as[PaymentStarted](e)
	case KindPaymentMoved:
		return as[PaymentMoved](e)
	case KindRefundStarted:
		return as[RefundStarted](e)
	case KindRefundMoved:
		return as[RefundMoved](e)
	}
	return e.readRest()
}

func (e *Entry) readRest() (any, error) {
	switch e.Kind {
	case KindTillStarted:
		return as[TillStarted](e)
	case KindTillStopped:
		return as[TillStopped](e)
	case KindLogin, KindLoginRefused, KindLogout:
		return as[OperatorSeen](e)
	case KindApproval:
		return as[Approval](e)
	case KindReceiptQueued:
		return as[ReceiptQueued](e)
	case KindReceiptBegun:
		return as[ReceiptBegun](e)
	case KindReceiptPrinted:
		return as[ReceiptPrinted](e)
	case KindHoldStarted:
		return as[HoldStarted](e)
	case KindHoldMoved:
		return as[HoldMoved](e)
	case KindDrawerOpened:
		return as[DrawerOpened](e)
	case KindCardsSettled:
		return as[CardsSettled](e)
	case KindSettingsChanged:
		return as[SettingsChanged](e)
	case KindNote:
		return as[Note](e)
	case KindPrepaidIssued:
		return as[PrepaidIssued](e)
	}
	if isPrepaidChange(e.Kind) {
		return as[PrepaidChanged](e)
	}
	return nil, fmt.Errorf("unknown kind %q", e.Kind)
}

func isPrepaidChange(kind Kind) bool {
	switch kind {
	case KindPrepaidFrozen, KindPrepaidThawed, KindPrepaidExtended, KindPrepaidExpired, KindPrepaidPIN, KindPrepaidTried, KindPrepaidProved:
		return true
	}
	return false
}

func as[T any](e *Entry) (any, error) {
	var payload T
	if err := json.Unmarshal(e.Payload, &payload); err != nil {
		return nil, fmt.Errorf("payload of %s: %w", e.Kind, err)
	}
	return payload, nil
}
