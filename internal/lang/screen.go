package lang

// Screen is every text of the cashier's and the manager's screens. A text with
// verbs is filled by fmt; both languages have the same verbs in the same order.
// Texts for columns hold no character whose width terminals disagree on.
type Screen struct {
	// Header and status bar.
	Name, Till, Shift, NoShift, Sandbox, Training, InDoubt, NotSent, LinkNetwork, LinkWeChat                            string
	LinkAlipay, LinkUnionPay, LinkCard, LinkPrinter, LinkScanner, LinkDisplay, LinkDisk, TooSmall, Working, WorkingLong string
	NotReadyYet, SellsNothing, OpeningBooks                                                                             string

	// Names of keys, on the key bar, in menus and in the help.
	KeyHelp, KeyMenu, KeyDoubt, KeyLanguage, KeyTheme, KeyQuit, KeyCash, KeyPresent, KeyCard, KeyMember string
	KeyDiscount, KeyHold, KeyRefund, KeyPay, KeyRemove, KeyChoose, KeyCustomer, KeyClear, KeyTake       string
	KeyBack, KeyYes, KeyNo, KeyTakeCash, KeyTakePart, KeySwitch, KeyQuery, KeyScanInstead               string
	KeyCloseOrder, KeyServeNext, KeyGiveUp, KeyToFront, KeyNextSale, KeyBackToSale, KeyReprint, KeyPage string
	KeyScroll, KeySignIn, KeyOtherOperator, KeyAskAcquirer                                              string

	// Signing in.
	OperatorNumber, PIN, PINMissing, SandboxSignIn, SandboxOwnPIN string

	// Selling.
	ColumnName, ColumnQuantity, ColumnPrice, ColumnAmount, BareAmount, EmptySale, Due, Total, PaidSoFar                               string
	StillDue, Pieces, Discount, HeldSales, AdviceScanPhone, AdviceScanGoods, Today, Turnover                                          string
	AdviceGiveAway, AdviceCashOnly                                                                                                    string
	SalesCount, Refunds, Net, ByMethod, DoubtCount, HintSell, HintSandbox, HintSearch, HintQuantity                                   string
	Found, NothingFound, InputUnclear, NoLineForQuantity, NothingToRemove, ScanTorn, ScanNotHere, ScanNoSignIn, Badge, Fell, FellHint string
	MemberHint, SaleHeld, NothingHeld, SaleVoided                                                                                     string

	// Paying.
	KeyHuabei, PayTitle, PresentBy, PayPart, PayPartHint, PartDue, PartTooMuch, NothingToPay, NoPresenter                        string
	Tendered, CashHint, StillMissing, CashShort, Change, Registering, AskCustomerToScan, CodeTooBig                              string
	CloseOrderFirst, Order, AskedNever, AskedTimes, AskNext, ReverseAt, ForcedReverseAt, SecondsLeft, Resumed, Queued, ManyEnded string
	LeftInDoubt, ConfirmPay, ConfirmPayText, Method, Payer, AcquirerNumber, OrderNumber, Funding                                 string
	AcquirerSays, Instalments, Receipt, PrintQueued, PrintDone, PrintFailed, PrintUnknown                                        string
	NextScanStarts                                                                                                               string

	// Lists and records.
	NothingHere, NotNow, RowGone, Unavailable, DoubtTitle, ColumnPayment, ColumnSale, ColumnTime, ColumnLines        string
	ColumnMethod, ColumnSince, ColumnAsked, ColumnNextAsk, ColumnRefunded, ColumnState, SalesTitle                   string
	PaymentsTitle, PaymentTitle, ReceiptTitle, ReprintLast, FindPayment, FindHint, PaymentUnknown                    string
	DoublesTitle, DoubleOf, DoublePayer, DoubleCode, DoubleSale, DoubleLate, DoubleKept, KeyForce, ForceText, Forced string
	ReasonCustomerWaits, ReasonPaysOtherwise, WasForced, JournalTitle, ColumnNumber, ColumnWhat, ColumnHash          string
	CopyQueued                                                                                                       string

	// Refunds and reasons.
	RefundTitle, RefundWhich, RefundAmount, RefundHint, RefundConfirm, RefundText, NothingToRefund      string
	ReasonTitle, ReasonReturned, ReasonWrongAmount, ReasonFaulty, ReasonOther, ReasonChange, ReasonBank string
	ReasonExpense, ReasonCheck, ReasonLeft, ReasonMistake, ReasonPromotion, ReasonMember, ReasonDamaged string
	ReasonCopy, ReasonHint                                                                              string

	// Refunds in the list of doubt: of money that came late, refused. DoubtMore
	// fills how many are not listed.
	RefundsTitle, KeyOwed, OwedRetry, OwedGiven, OwedRetryText, OwedGivenText, OwedGivenDone, ReasonDrawer, ReasonTransfer, DoubtMore, AskedLast, DoublesFound, DoubleHolds string

	// Menus.
	SyncJournal                                                                                                                           string
	MenuTitle, MenuSale, MenuRecords, MenuShift, MenuTill, Hold, Recall, VoidSale, VoidText, CashIn                                       string
	CashOut, CashMoveHint, CashMoved, OpenDrawer, DrawerOpened, LastZ, ReprintZ, ProbePrinter, ProbeQueued, BellOn, BellOff, NewReference string
	ReferenceHint, About, SignOut, DiscountSalePercent, DiscountSaleAmount, DiscountLinePercent                                           string
	DiscountLineAmount, DiscountPercent, DiscountPercentHint, DiscountAmount, DiscountAmountHint                                          string
	CustomerTitle, CustomerWeChat, CustomerAlipay, CustomerPassword, CustomerPoor, CustomerPoorAlipay                                     string
	CustomerNever                                                                                                                         string

	// Cards. CardBatch, CardSales, CardReturns, CardDiffers and CardHas have
	// verbs: the batch; count and amount; count and amount; how many were sent;
	// the card and its balance.
	CardPIN, CardPINHint, CardJournalAgrees, CardJournalDiffers, CardsOwed, CardsNotOwed                 string
	MenuCards, CardBalance, CardSettle, CardSettleText, CardTest, CardTested, CardReadChip, CardSwipeNow string
	CardBatch, CardSales, CardReturns, CardAgrees, CardDiffers, CardHas                                  string

	// Holds on cards: pre-authorisations. HoldDays, HoldForAmountHint, HoldFacts,
	// HoldReleaseText and HoldReopenText have verbs: days; what is held; card, trace
	// and authorisation; number and amount, twice.
	HoldsTitle, HoldTake, HoldTakeHint, HoldReference, HoldReferenceHint, HoldAll, HoldNumber, HoldAge, HoldDays string
	HoldForSale, HoldForAmount, HoldForAmountHint, HoldRelease, HoldReleaseText, HoldReopen, HoldReopenText      string
	HoldOld, HoldTaken, HoldFacts, HoldsOpen, ReasonLeaves                                                       string

	// What only the bank terminal's slip can tell. DecideSaid fills trace and
	// reference.
	DecideTitle, DecideText, DecideSlip, DecideNone, DecideTrace, DecideReference, DecideAuth, DecideHint string
	DecideSaid, ReasonSlip, ReasonList, ReasonBankSays                                                    string

	// The same of cards as above, where a bank terminal takes them.
	DeskSettleText, DeskTest, DeskTested, DeskReadCard, DeskCardNow, DeskAgrees string

	// Shift and reports.
	ShiftOpenTitle, ShiftOpenHint, ShiftOpened, ShiftCloseTitle, ShiftCloseHint, ShiftCloseText   string
	ReportXTitle, ReportZTitle, EntriesCovered, VoidedSales, RemovedLines, DrawerCount, CopyCount string
	ByOperator, Float, CashSales, Expected, Counted, Variance, Doubtful, GrandTotal, ChainHead    string
	BetweenShifts, BetweenBack                                                                    string

	// Trying a scanner out.
	CheckTitle, CheckHint, CheckWaiting, CheckGood, CheckCame, CodesPrinted, KeyNextCode, KeyPrintCodes string

	// Prepaid cards.
	PrepaidTitle, PrepaidCard, PrepaidIssue, PrepaidList, PrepaidEnding, PrepaidEndingHint, PrepaidNumber                                                                                                                                       string
	PrepaidNumberHint, PrepaidPIN, PrepaidPINHint, PrepaidNewPINHint, PrepaidPay, PrepaidTopUp                                                                                                                                                  string
	PrepaidTopUpHint, PrepaidMoves, PrepaidFreeze, PrepaidThaw, PrepaidExtend, PrepaidExtendHint                                                                                                                                                string
	PrepaidNewPIN, PrepaidExpire, PrepaidDone, PrepaidNoDay, PrepaidDayBefore, PrepaidNewPINTitle, PrepaidPINAgain, PrepaidPINDiffers, PrepaidNew, PrepaidExpireSum, PrepaidExpireHint, PrepaidUntil, PrepaidAlways, PrepaidHasPIN, PrepaidLeft string
	PrepaidIssued, PrepaidToppedUp, PrepaidTakenBack, PrepaidRedeemed, PrepaidReturned, PrepaidExpired                                                                                                                                          string
	PrepaidLiability, PrepaidTurnover, ReasonLost, ReasonFound, ReasonForgot, ReasonCustomerAsks                                                                                                                                                string
	ReasonExpired                                                                                                                                                                                                                               string

	// Leaving and help.
	QuitTitle, QuitText, QuitInFlight, QuitSaleStays, HelpSelling, HelpRules string
}
