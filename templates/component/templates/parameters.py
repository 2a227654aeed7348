    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name, as scikit-learn asks for."""
        return asdict(self)

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name, as scikit-learn asks for; an unknown name raises ``ValueError``."""
        unknown = sorted(params.keys() - self.get_params().keys())
        if unknown:
            raise ValueError(f"{unknown} is unknown: the parameters are {list(self.get_params())}.")
        vars(self).update(params)
        return self
