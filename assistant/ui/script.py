"""What Streamlit runs for each visitor and each interaction."""

from assistant.ui.shell import main

main()
