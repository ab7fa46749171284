"""The Lambda function of WS liquidación (manual, 6.2)."""

from shared.app import lambda_handler, registration
from shared.ledger.liquidations import report_liquidation

handler = lambda_handler(registerLiquidation=registration(report_liquidation))
