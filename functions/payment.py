"""The Lambda function of WS pago (manual, 6.3)."""

from shared.app import lambda_handler, registration
from shared.ledger.payments import report_payment

handler = lambda_handler(registerPayment=registration(report_payment))
