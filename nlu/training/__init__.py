"""How the models are made and measured: needs scikit-learn, and serves no patient."""
