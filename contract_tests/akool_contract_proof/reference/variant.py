"""What the documentation leaves open: one switch for each lawful choice."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Variant:
    """A correct server's free choices. Times are seconds of the server's clock."""

    queue_s: float = 0.02
    processing_s: float = 0.05
    polls_per_step: int = 0
    """With n > 0 a job moves one status at every n-th look instead of by the clock."""
    fail_every: int = 0
    """With n > 0 every n-th job fails."""
    refund_failed: bool = False
    prices: dict[str, float] = field(
        default_factory=lambda: {
            "swapImage": 4.0,
            "swapVideo": 10.0,
            "swapImagePro": 4.0,
            "swapPlus": 4.0,
        }
    )
    price_by_request: bool = False
    """Each pair of faces is paid for, and a video in Plus costs as much as in V3."""
    integral_credit: bool = False
    extra_fields: bool = False
    item_order: str = "asked"  # asked | reverse
    v4_url: bool = False
    pending_url: str = "present"  # present | absent | empty (V4 only; V3 hands it out at submit)
    minimal_items: bool = False
    observed_items: bool = False
    duplicates_twice: bool = False
    presigned: bool = False
    """The listed url carries a fresh signature in its query each time."""
    trim_ids: bool = True
    unknown_delete_code: int = 1000
    success_msg: str = "OK"
    error_data: str = "absent"  # absent | null | empty
    content_type: str = "application/json"
    pretty_json: bool = False
    ascii_json: bool = False
    auth_status: int = 200
    rate_status: int = 200
    malformed_status: int = 200
    rate_limit_every: int = 0
    """With n > 0 every n-th request is answered with 1005."""
    auth_after_validation: bool = False
    key_as_bearer: bool = False
    empty_authorization_ignored: bool = False
    opaque_token: bool = False
    one_token_only: bool = False
    token_with_msg: bool = False
    strict_opts: bool = True
    strict_urls: bool = True
    strict_unknown_fields: bool = False
    pro_over_8: str = "accept"  # accept | refuse
    one_pair_mapping: bool = True
    whole_second_times: bool = False
    offset_times: bool = False
    file_before_status: int = 403
    file_type: str = ""
    redirected_files: bool = False
    """A result's URL redirects to another one of the same host."""
    foreign_files: str = ""
    """A base address on another host for result files; empty = this server."""
    webhooks: bool = True
    webhook_delay_s: float = 0.0
    webhook_processing: bool = True
    webhook_deduction: bool = False
    webhook_nonce: str = "string"  # string | number
    webhook_retry_s: float = 0.2
    detect_error_status: int = 400
    detect_ok_msg: str = "SUCCESS"
    detect_no_faces: str = "error"  # error | empty
    detect_auth_style: str = "envelope"  # envelope | detection
    legacy_string: bool = True
    legacy_auth: bool = True
    chunked: bool = False
    gzip: bool = False
    """Answers are compressed if the request accepts it."""
    close_connections: bool = False
    partial: bool = False
    """Only the published pages' operations and the credit are served."""
