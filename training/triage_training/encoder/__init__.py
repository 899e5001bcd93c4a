"""Fine-tuning the encoder (torch, extra `encoder`): needed to make a model, never to run one."""
