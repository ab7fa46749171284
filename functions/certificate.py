"""The Lambda function of certificates: issues and verifies them. It alone may sign."""

from shared.app import lambda_handler
from shared.certificate import service
from shared.public.pace import in_steps

handler = lambda_handler(
    getCertificate=in_steps(service.issue),
    verifyCertificate=service.verify,
    showVerification=service.show_verification,
    getCertificateKey=service.show_keys,
)
