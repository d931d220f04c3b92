"""The web app: one module a page, drawn with Streamlit."""
