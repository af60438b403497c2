"""Documents that name no network, judged by what they define themselves."""
