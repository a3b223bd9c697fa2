"""Contains all the data models used in inputs/outputs"""

from .api_response import ApiResponse
from .business_code import BusinessCode
from .business_error import BusinessError
from .credit_info import CreditInfo
from .delete_results_request import DeleteResultsRequest
from .delete_results_response import DeleteResultsResponse
from .detect_faces_error import DetectFacesError
from .detect_faces_error_faces_obj import DetectFacesErrorFacesObj
from .detect_faces_legacy_error import DetectFacesLegacyError
from .detect_faces_legacy_request import DetectFacesLegacyRequest
from .detect_faces_legacy_response import DetectFacesLegacyResponse
from .detect_faces_request import DetectFacesRequest
from .detect_faces_response import DetectFacesResponse
from .detect_faces_response_faces_obj import DetectFacesResponseFacesObj
from .detection_success import DetectionSuccess
from .face_frame_data import FaceFrameData
from .face_image_with_opts import FaceImageWithOpts
from .face_mapping_item import FaceMappingItem
from .faceswap_result import FaceswapResult
from .faceswap_result_detail import FaceswapResultDetail
from .faceswap_result_list import FaceswapResultList
from .faceswap_status import FaceswapStatus
from .faceswap_v4_result import FaceswapV4Result
from .get_credit_response import GetCreditResponse
from .get_token_error import GetTokenError
from .get_token_request import GetTokenRequest
from .get_token_response import GetTokenResponse
from .list_results_response import ListResultsResponse
from .no_data import NoData
from .source_face_info import SourceFaceInfo
from .success_code import SuccessCode
from .swap_image_pro_request import SwapImageProRequest
from .swap_image_pro_request_model_name import SwapImageProRequestModelName
from .swap_image_pro_response import SwapImageProResponse
from .swap_image_request import SwapImageRequest
from .swap_image_request_face_enhance import SwapImageRequestFaceEnhance
from .swap_image_response import SwapImageResponse
from .swap_plus_request import SwapPlusRequest
from .swap_plus_request_model_style import SwapPlusRequestModelStyle
from .swap_plus_response import SwapPlusResponse
from .swap_video_request import SwapVideoRequest
from .swap_video_request_face_enhance import SwapVideoRequestFaceEnhance
from .swap_video_response import SwapVideoResponse
from .target_face_info import TargetFaceInfo
from .webhook_envelope import WebhookEnvelope
from .webhook_event import WebhookEvent
from .webhook_status import WebhookStatus
from .webhook_type import WebhookType

__all__ = (
    "ApiResponse",
    "BusinessCode",
    "BusinessError",
    "CreditInfo",
    "DeleteResultsRequest",
    "DeleteResultsResponse",
    "DetectFacesError",
    "DetectFacesErrorFacesObj",
    "DetectFacesLegacyError",
    "DetectFacesLegacyRequest",
    "DetectFacesLegacyResponse",
    "DetectFacesRequest",
    "DetectFacesResponse",
    "DetectFacesResponseFacesObj",
    "DetectionSuccess",
    "FaceFrameData",
    "FaceImageWithOpts",
    "FaceMappingItem",
    "FaceswapResult",
    "FaceswapResultDetail",
    "FaceswapResultList",
    "FaceswapStatus",
    "FaceswapV4Result",
    "GetCreditResponse",
    "GetTokenError",
    "GetTokenRequest",
    "GetTokenResponse",
    "ListResultsResponse",
    "NoData",
    "SourceFaceInfo",
    "SuccessCode",
    "SwapImageProRequest",
    "SwapImageProRequestModelName",
    "SwapImageProResponse",
    "SwapImageRequest",
    "SwapImageRequestFaceEnhance",
    "SwapImageResponse",
    "SwapPlusRequest",
    "SwapPlusRequestModelStyle",
    "SwapPlusResponse",
    "SwapVideoRequest",
    "SwapVideoRequestFaceEnhance",
    "SwapVideoResponse",
    "TargetFaceInfo",
    "WebhookEnvelope",
    "WebhookEvent",
    "WebhookStatus",
    "WebhookType",
)
