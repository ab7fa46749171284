"""The Lambda function of WS acto documento (manual, 6.1)."""

from shared.app import lambda_handler, registration
from shared.ledger.acts import report_act_document

handler = lambda_handler(registerActDocument=registration(report_act_document))
