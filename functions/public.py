"""The Lambda function of what anybody may ask, without a token."""

from shared.app import lambda_handler
from shared.public import stamps
from shared.public.pace import in_steps

handler = lambda_handler(findPublicly=in_steps(stamps.find))
