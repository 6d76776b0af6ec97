@_exported import SeqData
@_exported import SeqDecoding
@_exported import SeqMetrics
@_exported import SeqModels
@_exported import SeqNN
@_exported import SeqTensor
@_exported import SeqText
@_exported import SeqTraining
