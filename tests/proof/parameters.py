"""The parameters of the services, and what is said of one that is not valid: the manual's tables 5 to 25."""

ACT, LIQUIDATION, PAYMENT = "registerActDocument", "registerLiquidation", "registerPayment"

CODE, TAXPAYER, KIND, NAME = (
    "actDocumentCode",
    "taxpayerDocumentNumber",
    "payerDocumentParametricTypeCode",
    "taxpayerName",
)
PLATFORM, ACT_KIND, PROCEDURE = "platform", "parametricActDocumentCodeType", "parametricprocedureCode"
VALUE, START, END = "generatorFactValue", "generatorFactStartDate", "generatorFactEndDate"
LIQUIDATION_ID, STAMP, LIQUIDATED = "liquidatedValueId", "stampNumber", "liquidatedValue"
PAYMENT_ID, PAID, DATE = "paidValueId", "valuePaid", "paymentDate"
TYPE = "type"

# What the annex calls them; the scripts use the canonical names.
ANNEX = {
    CODE: "factCodeGenerator",
    PLATFORM: "Platform",
    PROCEDURE: "parametricProcedureCode",
    PAYMENT_ID: "payedValueId",
    PAID: "valuePayed",
    TYPE: "Type",
}
AMOUNT = {ACT: VALUE, LIQUIDATION: LIQUIDATED, PAYMENT: PAID}
NOUN = {LIQUIDATION: "liquidation", PAYMENT: "payment"}
ID = {LIQUIDATION: LIQUIDATION_ID, PAYMENT: PAYMENT_ID}

OPTIONAL = {ACT: {PROCEDURE, TYPE}, LIQUIDATION: {KIND, TAXPAYER}, PAYMENT: set[str]()}

# In the order in which an answer lists the parameters that differ.
FIELDS = {
    ACT: (CODE, PLATFORM, VALUE, START, END, ACT_KIND, PROCEDURE, KIND, TAXPAYER, NAME),
    LIQUIDATION: (CODE, LIQUIDATION_ID, STAMP, LIQUIDATED, KIND, TAXPAYER),
    PAYMENT: (LIQUIDATION_ID, PAYMENT_ID, PAID, DATE),
}

INVALID = {
    ACT: {
        CODE: "act-code-required",  # table 5
        PLATFORM: "act-platform-invalid",
        VALUE: "act-value-invalid",
        START: "act-start-invalid",
        END: "act-end-invalid",
        ACT_KIND: "act-kind-invalid",
        PROCEDURE: "act-procedure-invalid",
        KIND: "taxpayer-document-kind-invalid",
        TAXPAYER: "taxpayer-document-number-required",
        NAME: "taxpayer-name-required",  # table 13
        TYPE: "act-type-invalid",  # our own rule, after the manual's
    },
    LIQUIDATION: {
        KIND: "taxpayer-document-kind-invalid",  # table 11
        TAXPAYER: "taxpayer-document-number-required",  # table 12
        CODE: "act-unknown",  # table 15
        LIQUIDATION_ID: "liquidation-id-required",
        STAMP: "stamp-unknown",
        LIQUIDATED: "liquidated-value-invalid",
        TYPE: "liquidation-type-invalid",  # table 19
    },
    PAYMENT: {
        LIQUIDATION_ID: "liquidation-unknown",  # table 21
        PAYMENT_ID: "payment-id-required",
        PAID: "paid-value-invalid",
        DATE: "payment-date-invalid",
        TYPE: "payment-type-invalid",  # table 25
    },
}
